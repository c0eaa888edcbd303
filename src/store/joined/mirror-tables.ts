import type Database from 'better-sqlite3';

type Db = Database.Database;

/** The tables of the mirror. Those of a joined source have the same shape and a prefix. */
const mirrorTables: readonly string[] = [
  'reading',
  'record',
  'source_membership',
  'handle',
  'handle_owner',
  'reference',
  'recently_renamed',
  'rejected_row',
  'record_in_doubt',
  'membership_in_doubt',
  'ambiguous_handle',
  'unresolved_reference',
  'manager_name',
  'source_block',
  'changed_row',
];

/** The temporary tables of a staged reading: those of several sources are staged before the first is committed. */
const stagingTables: readonly string[] = [
  'staged_record',
  'staged_membership',
  'staged_excluded',
  'staged_removed',
  'staged_handle',
  'staged_reference',
  'staged_record_in_doubt',
  'staged_membership_in_doubt',
];

const tableNames = [...mirrorTables, ...stagingTables].join('|');

/**
 * Where SQL names a table of the mirror: after a keyword that a table follows, or before the dot of a column. A column
 * may have the same name: `b.record`, `f.handle`.
 */
const tableInSql = new RegExp(
  `(?<=\\b(?:from|join|into|update|references|table|exists|on)\\s+"?)(?:${tableNames})(?=\\b)|` +
    `(?<![.\\w])(?:${tableNames})(?=\\.)`,
  'gi',
);
/** Names of indexes and triggers begin with the name of their table. */
const indexInSql = new RegExp(`(?<=\\b(?:indexed by|index|trigger)\\s+)(?:${tableNames})_\\w+`, 'gi');

/** SQL about the mirror of the primary source, as SQL about the mirror with this prefix. */
export const withPrefix = (sql: string, prefix: string): string =>
  sql.replaceAll(indexInSql, (name) => prefix + name).replaceAll(tableInSql, (name) => prefix + name);

/** A connection whose SQL about the mirror reads and writes the tables with this prefix. All other tables stay. */
export function prefixedConnection(db: Db, prefix: string): Db {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => target.prepare(withPrefix(sql, prefix));
      if (name === 'exec') return (sql: string) => target.exec(withPrefix(sql, prefix));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The statements that create the tables and indexes of a mirror, by their names. */
function definitions(db: Db, prefix: string): ReadonlyMap<string, string> {
  const select = db.prepare(
    `select name, sql
    from sqlite_master
    where tbl_name in (select value from json_each(?))
      and sql is not null
    order by type = 'trigger', type desc, name`,
  );
  const rows = select.all(JSON.stringify(mirrorTables.map((name) => prefix + name))) as { name: string; sql: string }[];
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}

/**
 * Creates the tables of a mirror in the shape that those of the primary source have. Tables of an earlier version are
 * replaced by empty ones.
 *
 * @returns whether the tables are new
 */
function createMirrorTables(db: Db, prefix: string): boolean {
  const wanted = new Map(
    [...definitions(db, '')].map(([name, sql]) => [prefix + name, withPrefix(sql, prefix)] as const),
  );
  const existing = definitions(db, prefix);
  const isSame = existing.size === wanted.size && [...wanted].every(([name, sql]) => existing.get(name) === sql);
  if (isSame) return false;
  dropMirrorTables(db, prefix);
  for (const sql of wanted.values()) db.exec(sql);
  return true;
}

/** The prefix of the tables of the mirror of a joined source. */
export const prefixOf = (source: number): string => `joined_${source}_`;

/** Creates the mirror of a joined source. One of another shape is read again; until then, users keep what they have. */
export function createMirrorOf(db: Db, source: number): void {
  if (createMirrorTables(db, prefixOf(source)))
    db.prepare(`update joined_source set joined_reading = 0, signature = '', groups_reading = 0 where id = ?`).run(
      source,
    );
}

/** After migrations, gives the mirrors of all joined sources the shape that the tables of the primary source have. */
export function renewMirrors(db: Db): void {
  const sources = db.prepare('select id from joined_source').pluck().all() as number[];
  for (const source of sources) if (hasMirrorTables(db, prefixOf(source))) createMirrorOf(db, source);
}

/** Whether the state has a mirror with this prefix. */
export const hasMirrorTables = (db: Db, prefix: string): boolean => definitions(db, prefix).size > 0;

/** Removes the tables of a mirror. Tables that reference others come first. */
export function dropMirrorTables(db: Db, prefix: string): void {
  for (const name of mirrorTables.toReversed()) db.exec(`drop table if exists ${prefix}${name}`);
}
