import { DateTime, type TokenParser } from 'luxon';
import type { CalendarDay } from './zone.ts';

/** How dates are written, by the tokens of luxon: `dd.MM.yyyy`, `M/d/yyyy HH:mm`. */
export interface DateFormat {
  readonly text: string;
  /** Whether it has a time of day or an offset; without one it is a whole day. */
  readonly hasTime: boolean;
  /** @returns undefined if the text does not have this format, or the date does not exist */
  parse(text: string, zone: string): (CalendarDay & { readonly at: number }) | undefined;
}

/** Names of months and weekdays are English, on every computer. */
const locale = 'en-US';

const compiled = new Map<string, DateFormat>();

/** Compiles a format that `formatProblem` accepts. */
export function dateFormat(text: string): DateFormat {
  let format = compiled.get(text);
  if (format === undefined) compiled.set(text, (format = compile(text)));
  return format;
}

function compile(text: string): DateFormat {
  // luxon compiles a format again for every text, which costs more than the parse.
  const parser: TokenParser = DateTime.buildFormatParser(text, { locale });
  return {
    text,
    hasTime: /[HhtTSuZzfF]/.test(withoutLiterals(text)),
    parse(input, zone) {
      const date = DateTime.fromFormatParser(input, parser, { zone, locale });
      if (!date.isValid) return undefined;
      return { year: date.year, month: date.month, day: date.day, at: date.toMillis() };
    },
  };
}

/** Text in apostrophes is literal. */
const withoutLiterals = (text: string): string => text.replace(/'[^']*'/g, '');

/** What is wrong with a format, as a sentence; undefined: nothing. */
export function formatProblem(text: string): string | undefined {
  const tokens = withoutLiterals(text);
  const hasDay = (/[ML]/.test(tokens) && /d/.test(tokens)) || tokens.includes('o');
  if (!tokens.includes('y') || !hasDay) {
    const hint = /[YmD]/.test(tokens) ? '; the tokens are yyyy, MM and dd' : '';
    return `needs the year, the month and the day, such as "dd.MM.yyyy"${hint}`;
  }
  const sample = DateTime.fromISO('2026-12-31T22:45:30', { zone: 'UTC', locale });
  const written = sample.toFormat(text);
  return dateFormat(text).parse(written, 'UTC') === undefined
    ? `is not a format in which dates can be read, such as "dd.MM.yyyy"`
    : undefined;
}

/** A moment as text in a format. */
export function formatMoment(at: number, format: string, zone: string): string {
  return DateTime.fromMillis(at, { zone, locale }).toFormat(format);
}
