import type { Encoding } from '../../../model/reading/encodings.ts';
import { isMail } from './column-facts.ts';

/** How the rows of a file are written. */
export interface FileFormat {
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** Lines before the header. */
  readonly skipLines: number;
}

/** The first records of a file, split at one delimiter. */
export interface Trial {
  readonly delimiter: string;
  /** The line on which each record begins, and its cells. */
  readonly records: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

/** In this order, where several fit equally: the first ones are rarer in texts. */
export const delimiters: readonly string[] = ['\t', '|', ';', ','];

/**
 * The delimiter at which most records have the same number of cells, and the line of the header: the first record of
 * that width.
 *
 * @param trials the same records, split at each possible delimiter
 */
export function findLayout(trials: readonly Trial[]): Omit<FileFormat, 'encoding'> {
  const ranked = trials
    .map((trial) => ({ trial, ...commonWidth(trial) }))
    .filter(({ width }) => width > 1)
    .sort((a, b) => b.share - a.share || b.width - a.width);
  const [best] = ranked;
  if (best === undefined) return { delimiter: ',', skipLines: 0 };
  const { records, delimiter } = best.trial;
  const header = records.findIndex(({ cells }) => cells.length === best.width);
  // What precedes the first record, such as a line "sep=;", is skipped without a setting.
  return { delimiter, skipLines: header <= 0 ? 0 : (records[header]?.line ?? 1) - 1 };
}

/** The number of cells that most records have, and their share. */
function commonWidth({ records }: Trial): { readonly width: number; readonly share: number } {
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const [[width, count] = [0, 0]] = [...counts].sort(([, a], [, b]) => b - a);
  return { width, share: count / Math.max(1, records.length) };
}

/** Whether a first line is the row of a person, and no header. */
export function looksLikeRow(cells: readonly string[]): boolean {
  const numbers = cells.filter((cell) => /^\d+$/.test(cell)).length;
  return 2 * numbers > cells.length || cells.some((cell) => isMail(cell) || /^\d{4}-\d{2}-\d{2}$/.test(cell));
}
