import { formatProblem } from '../../../model/dates/date-format.ts';
import { readDate } from '../../../model/dates/read-date.ts';
import { plainName, type ColumnFacts } from './column-facts.ts';

const startNames =
  /^(?:(?:employment|contract|access)?(?:start|begin|entry|join(?:ing|ed)?|hired?|onboarding)(?:s|date|day|on|ing)?|first(?:work(?:ing)?)?day|eintritt(?:sdatum)?|validfrom|activefrom)$/;
const endNames =
  /^(?:(?:employment|contract|access)?(?:end|exit|leave|leaving|left|terminat(?:ion|ed)|resignation|offboarding)(?:s|date|day|on|ing)?|last(?:work(?:ing)?)?day|austritt(?:sdatum)?|validto|validuntil|activeuntil|expir(?:y|es|ation)(?:date|on)?)$/;

/** Formats of dates in exports, in the order in which they are tried; ISO 8601 needs none. */
const formats: readonly string[] = [
  ...['d.M.yyyy', 'd/M/yyyy', 'M/d/yyyy', 'yyyy/M/d', 'd-M-yyyy', 'M-d-yyyy', 'yyyy.M.d'],
  ...['d-MMM-yyyy', 'd MMM yyyy', 'MMM d, yyyy', 'MMMM d, yyyy', 'd.M.yy', 'd/M/yy', 'M/d/yy'],
  ...['d.M.yyyy H:mm', 'd.M.yyyy H:mm:ss', 'd/M/yyyy H:mm', 'M/d/yyyy H:mm', 'd/M/yyyy H:mm:ss', 'M/d/yyyy H:mm:ss'],
  ...['M/d/yyyy h:mm a', 'M/d/yyyy h:mm:ss a'],
];

/** Values that decide about a format. */
const maxValues = 2_000;

/**
 * The formats by which all values are dates, one for each meaning: `3/4/2026` is a day in April or in March. An empty
 * text stands for ISO 8601 and the numbers of spreadsheets.
 */
export function fittingFormats(values: Iterable<string>): readonly string[] {
  const sample = [...values].slice(0, maxValues);
  if (sample.length === 0) return [];
  const byMeaning = new Map<string, string>();
  for (const format of ['', ...formats]) {
    const meaning = meaningOf(sample, format);
    if (meaning !== undefined && !byMeaning.has(meaning)) byMeaning.set(meaning, format);
  }
  return [...byMeaning.values()];
}

/** Whether all values are dates in a format. */
export const formatFits = (format: string, values: Iterable<string>): boolean =>
  formatProblem(format) === undefined && meaningOf([...values].slice(0, maxValues), format) !== undefined;

function meaningOf(values: readonly string[], format: string): string | undefined {
  const dates: string[] = [];
  for (const value of values) {
    const date = readDate(value, { formats: format === '' ? [] : [format], zone: 'UTC', numbers: 'excel' });
    if (date === undefined) return undefined;
    dates.push(JSON.stringify(date));
  }
  return dates.join();
}

/** Columns with dates only. A spreadsheet writes dates as numbers, so for those their name decides. */
export const dateColumns = (columns: readonly ColumnFacts[]): readonly ColumnFacts[] =>
  columns.filter(
    ({ name, values, examples }) =>
      fittingFormats(values).length > 0 && (examples.some((value) => !/^\d+$/.test(value)) || isNamedLikeDay(name)),
  );

const isNamedLikeDay = (name: string): boolean => [startNames, endNames].some((names) => names.test(plainName(name)));

/** Columns that are named like a first or last day, and whose values are dates, but in no common format. */
export const mixedDateColumns = (columns: readonly ColumnFacts[]): readonly ColumnFacts[] =>
  columns.filter(({ name, values }) => {
    if (values.size === 0 || !isNamedLikeDay(name) || fittingFormats(values).length > 0) return false;
    const sample = [...values].slice(0, maxValues);
    return sample.filter((value) => fittingFormats([value]).length > 0).length * 2 >= sample.length;
  });

/** The columns that are named like the first and the last day of a user. */
export function proposeDates(dates: readonly ColumnFacts[]): {
  readonly start: string | undefined;
  readonly end: string | undefined;
} {
  const named = (pattern: RegExp): string | undefined => dates.find(({ name }) => pattern.test(plainName(name)))?.name;
  return { start: named(startNames), end: named(endNames) };
}
