import { DateTime } from 'luxon';
import { dateFormat } from './date-format.ts';
import { never, parseFileTime, parseGeneralizedTime, parseShadowDays } from './directory-times.ts';
import type { CalendarDay } from './zone.ts';

/** How texts are read as dates. */
export interface DateSettings {
  /** Formats of the operator, in the order in which they are tried; ISO 8601 is always read. */
  readonly formats: readonly string[];
  /** The zone of dates and times without an offset. */
  readonly zone: string;
  /** What a plain number is: the serial number of a spreadsheet, or the days of shadow(5) in a directory. */
  readonly numbers: 'excel' | 'shadowDays';
}

/** What a text means: a whole day, a moment (ms since 1970), a time that never comes, or no date. */
export type ReadDate =
  | ({ readonly kind: 'day' } & CalendarDay)
  | { readonly kind: 'moment'; readonly at: number }
  /** The year 9999: a period that ends then has no end, and one that begins then has not begun. */
  | { readonly kind: 'farFuture' }
  /** A value that stands for no date at all: 0, the greatest FILETIME. */
  | { readonly kind: 'never' };

/** A date before it is a typing error, such as 0202 for 2022. */
const firstYear = 1900;
/** Systems without "no date" write 9999-12-31. */
const neverYear = 9999;

/**
 * Reads a text as a date or a moment. Undefined: it is not one, or the date does not exist.
 *
 *     2026-12-31                        a day
 *     2026-12-31T18:00, …Z, …+01:00     a moment, in the zone of the settings if it has no offset
 *     31.12.2026                        by a configured format
 *     46387, 46387.0, 46387.75          serial number of a spreadsheet (1900 system): a day, the same day, a moment
 *     20261231170000Z                   generalizedTime (RFC 4517)
 *     134116776000000000                FILETIME
 *     20818                             days since 1970, in a directory
 */
export function readDate(text: string, settings: DateSettings): ReadDate | undefined {
  const trimmed = text.trim();
  return plausible(
    byFormats(trimmed, settings) ??
      byIso(trimmed, settings.zone) ??
      moment(parseGeneralizedTime(trimmed)) ??
      byNumber(trimmed, settings),
    settings.zone,
  );
}

function byFormats(text: string, { formats, zone }: DateSettings): ReadDate | undefined {
  for (const one of formats) {
    const format = dateFormat(one);
    const parsed = format.parse(text, zone);
    if (parsed === undefined) continue;
    const { at, ...day } = parsed;
    return format.hasTime ? { kind: 'moment', at } : { kind: 'day', ...day };
  }
  return undefined;
}

const isoDay = /^(\d{4})-(\d{2})-(\d{2})$|^(\d{4})(\d{2})(\d{2})$/;
const isoMoment = /^\d{4}-?\d{2}-?\d{2}[T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?$/i;

function byIso(text: string, zone: string): ReadDate | undefined {
  const match = isoDay.exec(text);
  if (match !== null) {
    const [year = 0, month = 0, day = 0] = match.slice(1).filter(Boolean).map(Number);
    return DateTime.utc(year, month, day).isValid ? { kind: 'day', year, month, day } : undefined;
  }
  if (!isoMoment.test(text)) return undefined;
  const parsed = DateTime.fromISO(text.replace(/^(\S{8,10}) /, '$1T').replace(' ', ''), { zone });
  return parsed.isValid ? { kind: 'moment', at: parsed.toMillis() } : undefined;
}

/** FILETIMEs since 1970 have 17 digits or more. */
const isFileTime = (digits: string): boolean => digits.length >= 17;

function byNumber(text: string, { numbers, zone }: DateSettings): ReadDate | undefined {
  if (text === '0') return { kind: 'never' };
  if (/^\d+$/.test(text) && isFileTime(text)) return moment(parseFileTime(text));
  return numbers === 'shadowDays' ? moment(parseShadowDays(text)) : byExcelSerial(text, zone);
}

/** The last day that a spreadsheet knows: 9999-12-31. */
const lastSerial = 2_958_465;
/** The 1900 system has a day that never existed: 1900-02-29. */
const leapDayThatNeverWas = 60;

/** "46.387" and "46,387" have a separator of thousands or of decimals: both readings are possible. */
const isAmbiguous = (text: string): boolean => /^\d{1,3}[.,]\d{3}$/.test(text);

function byExcelSerial(text: string, zone: string): ReadDate | undefined {
  // Programs write a whole number as "46387.0": such a fraction is no time of day.
  const match = /^(\d{1,7})(?:[.,](?:0+|(\d+)))?$/.exec(text);
  if (match === null || isAmbiguous(text)) return undefined;
  const serial = Number(match[1]);
  // A year alone is no date.
  const isYear = match[2] === undefined && serial >= 1900 && serial < 2200;
  if (serial < 1 || serial > lastSerial || serial === leapDayThatNeverWas || isYear) return undefined;
  const days = serial < leapDayThatNeverWas ? serial : serial - 1;
  const { year, month, day } = DateTime.utc(1899, 12, 31).plus({ days });
  if (match[2] === undefined) return { kind: 'day', year, month, day };
  const seconds = Math.round(Number(`0.${match[2]}`) * 86_400);
  const local = DateTime.utc(year, month, day).plus({ seconds });
  return { kind: 'moment', at: local.setZone(zone, { keepLocalTime: true }).toMillis() };
}

const moment = (at: number | undefined): ReadDate | undefined =>
  at === undefined ? undefined : at === never ? { kind: 'never' } : { kind: 'moment', at };

function plausible(date: ReadDate | undefined, zone: string): ReadDate | undefined {
  if (date === undefined || date.kind === 'never' || date.kind === 'farFuture') return date;
  const year = date.kind === 'day' ? date.year : DateTime.fromMillis(date.at, { zone }).year;
  if (year >= neverYear) return { kind: 'farFuture' };
  return year < firstYear ? undefined : date;
}
