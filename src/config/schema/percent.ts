import type { Limit } from '../../model/plan.ts';
import { dayMs, minuteMs } from '../../model/time.ts';

const percentSyntax = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/;

/** `"5%"` → 0.05; undefined if it is not a percentage from 0 % to 100 %. */
export function parseShare(text: string): number | undefined {
  const match = percentSyntax.exec(text);
  const percent = Number(match?.[1] ?? NaN);
  return percent <= 100 ? percent / 100 : undefined;
}

/** A limit of the guard as the operator writes it. */
export type WrittenLimit = string | number | { readonly limit: string; readonly floor: number };

/**
 * `20` → a count, `"5%"` → a share with the default floor, `{"limit": "5%", "floor": 3}` → a share with its own floor;
 * undefined for anything else.
 */
export function parseLimit(written: WrittenLimit, defaultFloor: number): Limit | undefined {
  if (typeof written === 'number')
    return Number.isSafeInteger(written) && written >= 0 ? { kind: 'count', count: written } : undefined;
  const { limit, floor } = typeof written === 'string' ? { limit: written, floor: defaultFloor } : written;
  const share = parseShare(limit);
  return share === undefined ? undefined : { kind: 'share', share, floor };
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: minuteMs, h: 60 * minuteMs, d: dayMs };

/** `"24h"` → ms; undefined if it is not a whole number of `s`, `m`, `h` or `d`. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const ms = unitMs[unit];
  return number === undefined || ms === undefined ? undefined : Number(number) * ms;
}
