import { OperatorError } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import { parseTime } from '../model/time.ts';

/** The value of `--since`. @throws OperatorError if it is not a valid time */
export function parseSince(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const since = parseTime(text);
  if (since !== undefined) return since;
  throw new OperatorError(
    'commandLine.invalidTime',
    `--since ${text} is not a valid time; write 2026-11-23 or 2026-11-23T08:00:00Z`,
    4,
  );
}
