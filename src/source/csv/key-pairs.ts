import { parse } from 'csv-parse/sync';

/** A pair of keys, with its line in the file. */
export interface KeyPairLine {
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/** The pairs of a file, and the lines that are none. */
export interface KeyPairFile {
  readonly pairs: readonly KeyPairLine[];
  readonly problems: readonly string[];
}

/** A row as csv-parse gives it with `info`. */
interface InfoRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const delimiters = [';', '\t', ','] as const;

/**
 * Reads pairs of an old and a new key: two cells in each line, separated by a comma, a semicolon or a tab. Blank lines
 * and a first line `old,new` are left out.
 */
export function readKeyPairs(text: string): KeyPairFile {
  const [firstLine = ''] = text.split(/\r?\n|\r/, 1);
  const delimiter = delimiters.find((one) => firstLine.includes(one)) ?? ',';
  let rows: readonly InfoRow[];
  try {
    rows = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as readonly InfoRow[];
  } catch (error) {
    return { pairs: [], problems: [error instanceof Error ? error.message : String(error)] };
  }
  const pairs: KeyPairLine[] = [];
  const problems: string[] = [];
  const lineOf = { from: new Map<string, number>(), to: new Map<string, number>() };
  for (const [index, { record, info }] of rows.entries()) {
    const [from = '', to = '', ...rest] = record;
    const { lines: line } = info;
    if (index === 0 && /^(old|from)$/i.test(from) && /^(new|to)$/i.test(to)) continue;
    const before = lineOf.from.get(from) ?? lineOf.to.get(to);
    const problem = problemOf(from, to, rest.length, before);
    if (problem === undefined) pairs.push({ line, from, to });
    else problems.push(`line ${line}: ${problem}`);
    lineOf.from.set(from, line);
    lineOf.to.set(to, line);
  }
  return { pairs, problems };
}

/** @param before the line with the same old or new key */
function problemOf(from: string, to: string, otherCells: number, before: number | undefined): string | undefined {
  if (from === '' || to === '' || otherCells > 0) return 'expected two cells, the old key and the new key';
  return before === undefined ? undefined : `line ${before} has the same old or new key`;
}
