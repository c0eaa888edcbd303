import { readDate } from '../model/dates/read-date.ts';
import { endOfDay } from '../model/dates/zone.ts';
import { OperatorError } from '../model/errors.ts';
import { instant, type Instant } from '../model/ids.ts';

/**
 * The moment of `--until`: the first one after it. A date without a time is the whole day in this zone.
 * @throws OperatorError
 */
export function parseUntil(text: string | undefined, zone: string, now: Instant): Instant | undefined {
  if (text === undefined) return undefined;
  const date = readDate(text, { formats: [], zone, numbers: 'excel' });
  const until = date?.kind === 'day' ? endOfDay(date, zone) : date?.kind === 'moment' ? date.at : undefined;
  if (until !== undefined && until > now) return instant(until);
  throw new OperatorError(
    'commandLine.invalidTime',
    until === undefined
      ? `--until ${text} is not a date or a time; write 2026-12-31 or 2026-12-31T08:00`
      : `--until ${text} is in the past; nothing was changed`,
    4,
  );
}

/**
 * The moment of `--at`. A date is the last moment of that day in the zone of the source's dates: the users who start on
 * the day have access, and those whose last day it is have it still. @throws OperatorError
 */
export function parseAt(text: string | undefined, zone: string, now: Instant): Instant | undefined {
  if (text === undefined) return undefined;
  const at = lastMomentOf(text, zone);
  if (at !== undefined && at >= now) return at;
  throw new OperatorError(
    'commandLine.invalidTime',
    at === undefined
      ? `--at ${text} is not a date or a time; write 2026-12-31 or 2026-12-31T08:00`
      : `--at ${text} is in the past; a plan shows what is due now or later`,
    4,
  );
}

/** A time, or the last moment of a day in the zone; undefined: the text is neither. */
export function lastMomentOf(text: string, zone: string): Instant | undefined {
  const date = readDate(text, { formats: [], zone, numbers: 'excel' });
  if (date?.kind === 'moment') return instant(date.at);
  const end = date?.kind === 'day' ? endOfDay(date, zone) : undefined;
  return end === undefined ? undefined : instant(end - 1);
}
