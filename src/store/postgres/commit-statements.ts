import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { arrayText } from './encode-values.ts';
import type { Layout } from './database-layout.ts';
import type { ChangedRows, Values } from './change-watch.ts';
import { quoted, type Column, type TableShape } from './table-shapes.ts';

/** A statement, whose parameters begin at a number. */
interface Part {
  readonly sql: (first: number) => string;
  readonly parameters: readonly unknown[];
}

/** More rows than these begin a further statement. */
const rowsPerStatement = 5_000;
/** Statements of more parts have many forms, so they are not prepared. */
const maxPreparedParts = 6;

/** Collects what a commit writes, and sends it in few statements, each of them one round trip. */
export class CommitStatements {
  private readonly client: ClientBase;
  private readonly layout: Layout;
  private parts: Part[] = [];
  private rows = 0;

  constructor(client: ClientBase, layout: Layout) {
    this.client = client;
    this.layout = layout;
  }

  /** Writes rows. A table has at most one page of rows in a statement, so no row is written twice by it. */
  async write({ shape, deleted, present }: ChangedRows): Promise<void> {
    if (deleted.length > 0) this.parts.push(deletion(this.layout, shape, deleted));
    if (present.length > 0) this.parts.push(insertion(this.layout, shape, present));
    this.rows += deleted.length + present.length;
    if (this.rows >= rowsPerStatement) await this.send('select 1', []);
  }

  /** Adds a statement that writes no rows of the state. */
  add(part: Part): void {
    this.parts.push(part);
  }

  /** Sends the rest together with a last statement. @param sql the statement, by its parameters from 1 on */
  async finish(sql: (parameter: (index: number) => string) => string, parameters: readonly unknown[]): Promise<void> {
    const before = this.parts.reduce((sum, part) => sum + part.parameters.length, 0);
    await this.send(
      sql((index) => `$${before + index}`),
      parameters,
    );
  }

  private async send(last: string, parameters: readonly unknown[]): Promise<void> {
    let first = 1;
    const texts = this.parts.map((part, index) => {
      const text = `part_${index} as (${part.sql(first)})`;
      first += part.parameters.length;
      return text;
    });
    const text = texts.length === 0 ? last : `with ${texts.join(', ')} ${last}`;
    const values = [...this.parts.flatMap((part) => part.parameters), ...parameters];
    const isPrepared = this.parts.length <= maxPreparedParts;
    this.parts = [];
    this.rows = 0;
    await this.client.query({ text, values, ...(isPrepared ? { name: nameOf(text) } : {}) });
  }
}

/** A prepared statement has a short name. */
const nameOf = (text: string): string => createHash('sha1').update(text).digest('hex');

const list = (columns: readonly Column[], prefix = ''): string =>
  columns.map(({ name }) => prefix + quoted(name)).join(', ');

/** Parameters that are arrays: one for each column. */
const arrays = (columns: readonly Column[], rows: readonly Values[]): string[] =>
  columns.map(({ type }, index) =>
    arrayText(
      rows.map((row) => row[index] ?? null),
      type,
    ),
  );

const unnested = (columns: readonly Column[], first: number): string =>
  `unnest(${columns.map(({ type }, index) => `$${first + index}::${type}[]`).join(', ')}) as k (${list(columns)})`;

/** Inserts rows, or replaces those with the same key. */
function insertion(layout: Layout, { name, columns, key }: TableShape, rows: readonly Values[]): Part {
  const isKey = new Set(key.map((column) => column.name));
  const changes = columns
    .filter((column) => !isKey.has(column.name))
    .map((column) => `${quoted(column.name)} = excluded.${quoted(column.name)}`);
  const onConflict = changes.length === 0 ? 'nothing' : `update set ${changes.join(', ')}`;
  return {
    sql: (first) =>
      `insert into ${layout.table(name)} (${list(columns)}) select ${list(columns, 'k.')} ` +
      `from ${unnested(columns, first)} on conflict (${list(key)}) do ${onConflict}`,
    parameters: arrays(columns, rows),
  };
}

function deletion(layout: Layout, { name, key }: TableShape, keys: readonly Values[]): Part {
  const isSame = key.map((column) => `t.${quoted(column.name)} = k.${quoted(column.name)}`).join(' and ');
  return {
    sql: (first) => `delete from ${layout.table(name)} t using ${unnested(key, first)} where ${isSame}`,
    parameters: arrays(key, keys),
  };
}

/** The rows with these keys. @returns the SQL and its parameters */
export function selectionOf(
  layout: Layout,
  { name, columns, key }: TableShape,
  keys: readonly Values[],
): { readonly text: string; readonly values: string[] } {
  const isSame = key.map((column) => `t.${quoted(column.name)} = k.${quoted(column.name)}`).join(' and ');
  return {
    text: `select ${list(columns, 't.')} from ${unnested(key, 1)} join ${layout.table(name)} t on ${isSame}`,
    values: arrays(key, keys),
  };
}

/** All rows of a table. */
export const allRowsOf = (layout: Layout, { name, columns }: TableShape): string =>
  `select ${list(columns)} from ${layout.table(name)}`;
