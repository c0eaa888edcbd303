import { OperatorError } from '../model/errors.ts';
import { instant, type Instant } from '../model/ids.ts';
import { dayMs, parseTime } from '../model/time.ts';

/** `--since` and `--until` of a command. */
export interface PeriodFlags {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The time that a command shows, both ends included; undefined: no limit. */
export interface Period {
  readonly since: Instant | undefined;
  readonly until: Instant | undefined;
}

/** The period of `--since` and `--until`. A date without a time is the whole day in UTC. @throws OperatorError */
export function parsePeriod(flags: PeriodFlags): Period {
  const since = parseStart('--since', flags.since);
  const until = parseEnd('--until', flags.until);
  if (since === undefined || until === undefined || since <= until) return { since, until };
  throw new OperatorError(
    'commandLine.invalidTime',
    `--until ${flags.until} is before --since ${flags.since}, so nothing lies between them`,
    4,
  );
}

function parseStart(option: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const at = parseTime(text);
  if (at !== undefined) return at;
  throw new OperatorError(
    'commandLine.invalidTime',
    `${option} ${text} is not a valid time; write 2026-11-23 or 2026-11-23T08:00:00Z`,
    4,
  );
}

/** The moment of an option; of a date, the last one of the day in UTC. @throws OperatorError */
export function parseEnd(option: string, text: string | undefined): Instant | undefined {
  const at = parseStart(option, text);
  return at === undefined || !/^\s*\d{4}-\d{2}-\d{2}\s*$/.test(text ?? '') ? at : instant(at + dayMs - 1);
}
