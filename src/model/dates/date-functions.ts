import { instant } from '../ids.ts';
import { formatMoment } from './date-format.ts';
import { createMomentParser, farFuture } from './parse-moment.ts';
import type { DateSettings } from './read-date.ts';

/** The functions of expressions that read and write dates. */
export interface DateFunctions {
  /**
   * The moment that a text means; for a date without a time, the start of the day in the zone.
   * @throws UnreadableDate, NoDate
   */
  parseDate(text: string): Date;
  /** A moment, or a text that is read as one, in a format of luxon and in the zone. @throws UnreadableDate, NoDate */
  formatDate(value: string | Date, format: string): string;
}

/** A text that is no date, or a format that gives none. */
export class UnreadableDate extends Error {
  override readonly name = 'UnreadableDate';
}

/** A value that stands for no date: blank text, 0, the year 9999. */
export class NoDate extends Error {
  override readonly name = 'NoDate';
}

/** Texts that are remembered: a company has few start dates, in one or two formats. */
const maxRemembered = 20_000;

/** Creates the functions with a memory, because every planning formats the dates of many users. */
export function createDateFunctions(settings: DateSettings): DateFunctions {
  const parser = createMomentParser(settings);
  const remembered = new Map<string, string>();
  const parseDate = (text: string): Date => {
    const moment = parser.parse(text, 'start');
    if (moment === undefined || moment === farFuture) throw new NoDate(`${JSON.stringify(text)} stands for no date`);
    if (typeof moment === 'object') throw new UnreadableDate(moment.error);
    return new Date(moment);
  };
  return {
    parseDate,
    formatDate(value, format) {
      const id = `${format}\0${typeof value === 'string' ? value : value.getTime()}`;
      let text = remembered.get(id);
      if (text === undefined) {
        const problem = outputFormatProblem(format);
        if (problem !== undefined) throw new UnreadableDate(problem);
        const date = typeof value === 'string' ? parseDate(value) : value;
        text = formatMoment(instant(date.getTime()), format, settings.zone);
        if (remembered.size >= maxRemembered) remembered.clear();
        remembered.set(id, text);
      }
      return text;
    },
  };
}

/** What is wrong with a format for output, as a sentence; undefined: nothing. */
export function outputFormatProblem(format: string): string | undefined {
  const tokens = format.replace(/'[^']*'/g, '');
  return tokens.trim() === '' || /[YD]/.test(tokens)
    ? `the format ${JSON.stringify(format)} gives no date; the tokens are yyyy, MM and dd`
    : undefined;
}
