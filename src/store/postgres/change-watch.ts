import type { Db } from '../database.ts';
import { quoted, tableShapes, type Column, type TableShape } from './table-shapes.ts';

/** A value of a column. */
export type Value = number | string | Buffer | null;
/** The values of a row, or of its key. */
export type Values = readonly Value[];

/** Rows of one table that changed, or all rows of a new one. */
export interface ChangedRows {
  readonly shape: TableShape;
  readonly deleted: readonly Values[];
  /** With the values of all columns. */
  readonly present: readonly Values[];
}

/** Rows of one page. */
const rowsPerPage = 5_000;

const watchOf = (table: string): string => `watched_${table}`;

/**
 * Notes which rows a connection changes, by temporary triggers: they see what statements, other triggers and foreign
 * keys change, and belong to the connection. What is noted is rolled back with the transaction.
 */
export class ChangeWatch {
  private readonly db: Db;
  private shapes: readonly TableShape[] = [];
  /** Which tables changed, in SQL. */
  private questions: readonly string[] = [];
  /** The version of the definitions for which all tables are watched; undefined: it must be looked at. */
  private version: number | undefined;
  /** Tables that the open transaction created. */
  private created: readonly string[] = [];

  constructor(db: Db) {
    this.db = db;
  }

  /** Before a transaction. */
  begin(): void {
    this.created = [];
    this.refresh();
  }

  /** The tables of the state. */
  get tables(): readonly TableShape[] {
    return this.shapes;
  }

  /** At the end of a transaction. @returns whether it changed definitions */
  end(): boolean {
    const { version } = this;
    this.created = this.refresh();
    return this.version !== version;
  }

  /** After a rollback: watches that it created are gone. */
  forget(): void {
    this.version = undefined;
  }

  /** The tables that the transaction created. Their rows are not noted. */
  get createdTables(): readonly string[] {
    return this.created;
  }

  /** The rows that changed, in pages. Nothing may be written meanwhile. */
  *changes(): Generator<ChangedRows> {
    const changed = this.changedTables();
    for (const shape of this.shapes)
      if (this.created.includes(shape.name)) yield* allRows(this.db, shape);
      else if (changed.includes(shape.name)) yield* changedRows(this.db, shape);
  }

  /** Whether rows changed. */
  hasChanges(): boolean {
    return this.changedTables().length > 0;
  }

  /** What was noted is committed elsewhere. */
  clear(): void {
    for (const name of this.changedTables()) this.db.prepare(`delete from temp.${quoted(watchOf(name))}`).run();
  }

  private changedTables(): readonly string[] {
    return this.questions.flatMap((sql) => this.db.prepare(sql).pluck().all() as string[]);
  }

  /** @returns the tables that were not watched */
  private refresh(): readonly string[] {
    const version = Number(this.db.pragma('schema_version', { simple: true }));
    if (version === this.version) return [];
    this.shapes = tableShapes(this.db);
    const watched = new Set(
      this.db
        .prepare(`select tbl_name from temp.sqlite_schema where type = 'trigger' and name glob 'watched_*'`)
        .pluck()
        .all() as string[],
    );
    const missing = this.shapes.filter(({ name }) => !watched.has(name));
    for (const shape of missing) this.db.exec(watchSql(shape));
    this.questions = questionsOf(this.shapes);
    this.version = version;
    return missing.map(({ name }) => name);
  }
}

/** SQLite takes at most 500 parts in a compound select. */
const tablesPerQuestion = 200;

function questionsOf(shapes: readonly TableShape[]): readonly string[] {
  const parts = shapes.map(({ name }) => `select '${name}' where exists (select 1 from temp.${quoted(watchOf(name))})`);
  return Array.from({ length: Math.ceil(parts.length / tablesPerQuestion) }, (_, index) =>
    parts.slice(index * tablesPerQuestion, (index + 1) * tablesPerQuestion).join(' union all '),
  );
}

const list = (columns: readonly Column[], prefix = ''): string =>
  columns.map(({ name }) => prefix + quoted(name)).join(', ');

/**
 * `replace` and `update or replace` delete rows without a trigger: before the write, the rows that have its unique
 * values are noted, too. An `or ignore` would not do: the statement that fires a trigger overrides it
 * (https://www.sqlite.org/lang_createtrigger.html).
 */
function watchSql({ name, key, unique }: TableShape): string {
  const [table, watch] = [quoted(name), quoted(watchOf(name))];
  const note = (row: 'old' | 'new'): string =>
    `insert into ${watch} values (${list(key, `${row}.`)}) on conflict do nothing;`;
  const replaced = unique
    .filter((names) => names.some((column) => !key.some((one) => one.name === column)))
    .map((names) => {
      const isSame = names.map((column) => `t.${quoted(column)} = new.${quoted(column)}`).join(' and ');
      return `insert into ${watch} select ${list(key, 't.')} from ${table} t where ${isSame} on conflict do nothing;`;
    })
    .join('\n');
  const trigger = (when: string, event: string, body: string): string =>
    `create temp trigger ${quoted(`${watchOf(name)}_${when}_${event}`)} ${when} ${event} on main.${table}
    begin ${body} end;`;
  const typed = key.map((column) => `${quoted(column.name)} ${column.type === 'bigint' ? 'integer' : 'text'}`);
  // A primary key of one integer is the rowid.
  const storage = key.length === 1 && key[0]?.type === 'bigint' ? '' : 'without rowid';
  return [
    `drop table if exists temp.${watch};`,
    `create temp table ${watch} (${typed.join(', ')}, primary key (${list(key)})) ${storage};`,
    trigger('after', 'insert', note('new')),
    trigger('after', 'update', `${note('old')} ${note('new')}`),
    trigger('after', 'delete', note('old')),
    ...(replaced === '' ? [] : [trigger('before', 'insert', replaced), trigger('before', 'update', replaced)]),
  ].join('\n');
}

/** A statement for pages of a table in the order of its key. */
function pages(db: Db, key: readonly Column[], sqlAfter: (condition: string) => string) {
  const first = db.prepare(sqlAfter('true')).raw();
  const next = db.prepare(sqlAfter(`(${list(key, 'k.')}) > (${key.map(() => '?').join(', ')})`)).raw();
  return function* (): Generator<readonly Values[]> {
    let after: Values | undefined;
    for (;;) {
      const rows = (after === undefined ? first.all() : next.all(...after)) as Values[];
      if (rows.length > 0) yield rows;
      if (rows.length < rowsPerPage) return;
      after = rows.at(-1)?.slice(0, key.length);
    }
  };
}

/** All rows of a table, in pages. */
export function* allRows(db: Db, shape: TableShape): Generator<ChangedRows> {
  const { name, columns, key } = shape;
  const page = pages(
    db,
    key,
    (condition) =>
      `select ${list(key, 'k.')}, ${list(columns, 'k.')} from main.${quoted(name)} k where ${condition}
      order by ${list(key, 'k.')} limit ${rowsPerPage}`,
  );
  for (const rows of page()) yield { shape, deleted: [], present: rows.map((row) => row.slice(key.length)) };
}

function* changedRows(db: Db, shape: TableShape): Generator<ChangedRows> {
  const { name, columns, key } = shape;
  const isSame = key.map((column) => `t.${quoted(column.name)} = k.${quoted(column.name)}`).join(' and ');
  const page = pages(
    db,
    key,
    (condition) =>
      `select ${list(key, 'k.')}, t.${quoted(key[0]?.name ?? '')} is not null, ${list(columns, 't.')}
      from temp.${quoted(watchOf(name))} k
      left join main.${quoted(name)} t on ${isSame}
      where ${condition}
      order by ${list(key, 'k.')} limit ${rowsPerPage}`,
  );
  for (const rows of page())
    yield {
      shape,
      deleted: rows.filter((row) => row[key.length] === 0).map((row) => row.slice(0, key.length)),
      present: rows.filter((row) => row[key.length] === 1).map((row) => row.slice(key.length + 1)),
    };
}
