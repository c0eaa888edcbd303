import { quoted, type TableShape } from './table-shapes.ts';

/**
 * The tables in the schema of the state: one for each table of the state, with the same name and columns, and these:
 *
 *     scimsync_state        one row: version, revision, the epoch of the lock, and who holds the lock
 *     scimsync_definition   the tables, indexes and triggers of the state in SQLite, as it defines them
 *     scimsync_change       the keys of the rows that a commit changed, by its revision
 *
 * Integrity is a matter of the working copies: they have the constraints and triggers. Here, rows only have their keys.
 */
export interface Layout {
  readonly state: string;
  readonly definition: string;
  readonly change: string;
  /** What a commit notifies. */
  readonly channel: string;
  /** The name of the lock that the working daemon has, and of the one that all daemons share. */
  readonly work: string;
  readonly daemons: string;
  table(name: string): string;
}

/** The names of the tables, for SQL. */
export function layoutOf(schema: string): Layout {
  const table = (name: string): string => `${quoted(schema)}.${quoted(name)}`;
  return {
    state: table('scimsync_state'),
    definition: table('scimsync_definition'),
    change: table('scimsync_change'),
    channel: `scimsync ${schema}`,
    work: `work on ${table('scimsync_state')}`,
    daemons: `daemons of ${table('scimsync_state')}`,
    table,
  };
}

/** The statements that create an empty state. */
export const createLayout = ({ state, definition, change }: Layout): readonly string[] => [
  `create table if not exists ${state} (
    id integer primary key check (id = 1),
    version bigint not null default 0,
    revision bigint not null default 0,
    oldest_change bigint not null default 0,
    stamp text not null default '',
    sequences text not null default '[]',
    epoch bigint not null default 0,
    holder text
  )`,
  `create table if not exists ${definition} (
    position bigint primary key,
    type text not null,
    name text not null,
    sql text not null
  )`,
  `create table if not exists ${change} (
    revision bigint not null,
    table_name text not null,
    keys text not null,
    stamp text not null,
    primary key (revision, table_name)
  )`,
  `insert into ${state} (id) values (1) on conflict do nothing`,
];

/** The statement that creates a table of the state. Texts compare by their bytes, as in SQLite. */
export function createTable(layout: Layout, { name, columns, key }: TableShape): string {
  const columnsSql = columns.map((column) => {
    const type = column.type === 'text' ? 'text collate "C"' : column.type;
    return `${quoted(column.name)} ${type}`;
  });
  const keySql = key.map((column) => quoted(column.name)).join(', ');
  return `create table ${layout.table(name)} (${columnsSql.join(', ')}, primary key (${keySql}))`;
}
