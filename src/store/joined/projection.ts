import { groupKeyOf } from '../../model/reading/source-names.ts';
import type { Db } from '../database.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** One writing of groups of a joined source to the mirror of the primary source. */
export interface Projection {
  /** Of the tables of the mirror of the joined source. */
  readonly prefix: string;
  /** The parameters that statements may use. */
  readonly all: Parameters;
  /** Runs a statement with those of the parameters that it names. */
  run(sql: string, parameters: Parameters): void;
  /** Runs a statement that changes the mirror of the primary source. */
  change(sql: string, parameters?: Parameters): void;
  /** How many rows of that mirror changed. */
  changes(): number;
}

/** The range of the keys of groups of a source, for `isOfSource`. */
export const keyRange = (name: string): { readonly from: string; readonly to: string } => ({
  from: groupKeyOf(name, ''),
  to: `${name};`,
});

/** The condition that a column holds the key of a group of one joined source. */
export const isOfSource = (column: string): string => `${column} >= :from and ${column} < :to`;

/** @param number of the reading that the changes get */
export function openProjection(
  db: Db,
  { id: source, name, prefix }: { readonly id: number; readonly name: string; readonly prefix: string },
  number: number,
  keeps: readonly string[],
): Projection {
  const range = keyRange(name);
  const all = {
    source,
    number,
    ...range,
    prefix: range.from,
    start: range.from.length + 1,
    keeps: JSON.stringify(keeps),
  };
  let changes = 0;
  const run = (sql: string, parameters: Parameters): number => {
    const used = Object.entries(parameters).filter(([key]) => new RegExp(`:${key}\\b`).test(sql));
    return db.prepare(sql).run(Object.fromEntries(used)).changes;
  };
  return {
    prefix,
    all,
    run,
    change(sql, parameters = {}) {
      changes += run(sql, { ...all, ...parameters });
    },
    changes: () => changes,
  };
}
