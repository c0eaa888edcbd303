/** What the cells of one column show. */
export interface ColumnFacts {
  readonly name: string;
  /** Rows that were looked at. */
  readonly rows: number;
  /** Rows with a value. */
  readonly filled: number;
  /** Whether no value occurs twice. */
  readonly isUnique: boolean;
  /** The first value that occurs twice. */
  readonly repeated: string | undefined;
  /** The different values, most frequent first; undefined: there are more than `maxDistinct`. */
  readonly distinct: readonly string[] | undefined;
  /** The first values that differ. */
  readonly examples: readonly string[];
  /** The values that occur: all of them where they differ, otherwise the first `maxRepeating`. */
  readonly values: ReadonlySet<string>;
}

/** A column with more different values is no status. */
const maxDistinct = 20;
const maxExamples = 200;
/** Values that are kept of a column in which values repeat. */
const maxRepeating = 2_000;

/** Collects the facts of the columns of a table, row by row. */
export interface FactsCollector {
  add(cells: readonly string[]): void;
  facts(): readonly ColumnFacts[];
}

interface Column {
  readonly name: string;
  readonly counts: Map<string, number>;
  filled: number;
  repeated: string | undefined;
}

/** @param names the columns; one without a name has no facts */
export function collectFacts(names: readonly string[]): FactsCollector {
  const columns = names.map((name): Column => ({ name, counts: new Map(), filled: 0, repeated: undefined }));
  let rows = 0;
  return {
    add(cells) {
      rows += 1;
      for (const [index, column] of columns.entries()) {
        const value = (cells[index] ?? '').trim();
        if (value === '') continue;
        column.filled += 1;
        const count = (column.counts.get(value) ?? 0) + 1;
        if (count === 2) column.repeated ??= value;
        const isKept = count > 1 || column.repeated === undefined || column.counts.size < maxRepeating;
        if (isKept) column.counts.set(value, count);
      }
    },
    facts: () =>
      columns.flatMap(({ name, counts, filled, repeated }) =>
        name === ''
          ? []
          : [
              {
                ...{ name, rows, filled, repeated, isUnique: repeated === undefined },
                distinct: counts.size > maxDistinct ? undefined : byFrequency(counts),
                examples: [...counts.keys()].slice(0, maxExamples),
                values: new Set(counts.keys()),
              },
            ],
      ),
  };
}

const byFrequency = (counts: ReadonlyMap<string, number>): readonly string[] =>
  [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);

/** A name as it is compared: "E-Mail address" → "emailaddress". */
export const plainName = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Whether at least this share of the values that a column has is of a kind. */
export const isMostly = (
  { examples }: Pick<ColumnFacts, 'examples'>,
  isKind: (value: string) => boolean,
  share = 0.9,
): boolean => examples.length > 0 && examples.filter(isKind).length >= share * examples.length;

/** Whether a value is an e-mail address. */
export const isMail = (value: string): boolean => /^[^\s@]+@[^\s@]+$/.test(value);

/** A few values for a person: "1001, 1002, …". */
export function examplesText({ examples, distinct }: Pick<ColumnFacts, 'examples' | 'distinct'>): string {
  const shown = examples.slice(0, 3).map((value) => (value.length > 30 ? `${value.slice(0, 29)}…` : value));
  const isAll = distinct !== undefined && distinct.length <= shown.length;
  return `${shown.join(', ')}${isAll ? '' : ', …'}`;
}
