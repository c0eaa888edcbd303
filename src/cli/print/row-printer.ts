import type { Console } from '../console.ts';
import type { CsvCell } from '../output/csv.ts';
import type { JsonLine } from './json-lines.ts';

/** One row of a result, in each format. */
export interface Row {
  readonly text: () => readonly string[] | Promise<readonly string[]>;
  readonly json: () => readonly JsonLine[];
  readonly csv: () => readonly (readonly CsvCell[])[];
}

/** `--json`, `--csv`, or neither: text. */
export interface FormatFlags {
  readonly json: boolean;
  readonly csv: boolean;
}

/** Prints rows one by one in the format of the flags. */
export interface RowPrinter {
  print(row: Row): Promise<void>;
  /** A text without rows states that there are none. */
  end(): void;
}

/** @param none the text for a result without rows */
export function createRowPrinter(
  console: Pick<Console, 'out' | 'record'>,
  { json, csv }: FormatFlags,
  { columns, none }: { readonly columns: readonly string[]; readonly none: string },
): RowPrinter {
  let printed = 0;
  if (csv) console.record(columns);
  return {
    async print(row) {
      printed += 1;
      if (csv) row.csv().forEach((record) => console.record(record));
      else if (json) row.json().forEach((line) => console.out(JSON.stringify(line)));
      else (await row.text()).forEach((line) => console.out(line));
    },
    end() {
      if (printed === 0 && !json && !csv) console.out(none);
    },
  };
}
