import type { Judgement } from '../../model/reading/judgement.ts';
import type { PassEvent } from '../../sync/events.ts';
import type { Colors } from '../console.ts';
import type { JsonLine } from './json-lines.ts';

/** Judgements about a reading, one line each. What an operator accepted is shown too. */
export function judgementsText(judgements: readonly Judgement[], colors: Colors, source = 'source'): readonly string[] {
  return judgements.map(({ reason, code, refused }) => {
    const line = `${source}: ${reason} (code: ${code})`;
    return refused ? colors.red(line) : colors.yellow(line);
  });
}

/** The line of `--json` about a reading that differs from the last one in what it means. */
export function judgementsLine({
  isRefused,
  judgements,
  source,
}: Pick<Extract<PassEvent, { type: 'judged' }>, 'isRefused' | 'judgements' | 'source'>): JsonLine {
  return { type: 'reading', ...(source === undefined ? {} : { source }), refused: isRefused, judgements };
}
