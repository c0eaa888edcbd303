import type { Limit } from '../../model/plan.ts';

const percentSyntax = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/;

/** `"5%"` → 0.05; undefined if it is not a percentage from 0 % to 100 %. */
export function parseShare(text: string): number | undefined {
  const match = percentSyntax.exec(text);
  const percent = Number(match?.[1] ?? NaN);
  return percent <= 100 ? percent / 100 : undefined;
}

/** `20` → a count, `"5%"` → a share; undefined for anything else. */
export function parseLimit(written: string | number): Limit | undefined {
  if (typeof written === 'number')
    return Number.isSafeInteger(written) && written >= 0 ? { kind: 'count', count: written } : undefined;
  const share = parseShare(written);
  return share === undefined ? undefined : { kind: 'share', share };
}
