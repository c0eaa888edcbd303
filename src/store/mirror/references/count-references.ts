import { isOwnRow } from '../own-rows.ts';
import type { DanglingReference, ReferenceCounts, ReferenceKind } from '../../../model/reading/references.ts';
import type { Db } from '../../database.ts';

type Counts = Partial<Record<ReferenceKind, ReferenceCounts>>;

/** `is_left`: a record had this name, and left the source. */
export const danglingTable = `
  create temp table if not exists dangling_reference (
    kind text not null, name text not null, reference_count integer not null, is_left integer not null,
    primary key (kind, name)) without rowid;
  delete from dangling_reference;`;

/** Counts the references of a directory, and fills the table of the dangling ones. */
export function countEntryReferences(db: Db): Counts {
  db.exec(`${danglingTable}
    insert into dangling_reference
    select iif(f.relation = 'member', 'members', 'managers'), h.text, count(*), 0
    from reference f
    join handle h on h.id = f.handle
    where f.relation <> 'group'
      and not exists (select 1 from handle_owner b where b.handle = f.handle)
    group by 1, 2`);
  const total = db.prepare(`select count(*) from reference where relation = 'member'`).pluck();
  const managers = db.prepare(`select count(*) from reference where relation glob '@*'`).pluck();
  return { members: countsOf(db, 'members', total.get()), managers: countsOf(db, 'managers', managers.get()) };
}

/** What counts as a record that a key names: key changes that wait, and rows that \`where\` leaves out, are known. */
const isUnknown = (resourceTypes: string, key: string): string => `
  not exists (
    select 1
    from record r
    where r.resource_type in (${resourceTypes})
      and r.key = ${key}
      and r.removed_in is null
  )
  and not exists (
    select 1
    from key_change c
    where c.resource_type in (${resourceTypes})
      and c.to_key = ${key}
      and c.state = 'pending'
  )
  and not exists (select 1 from staged_excluded x where x.resource_type in (${resourceTypes}) and x.key = ${key})`;

const hasLeft = (resourceTypes: string, key: string): string => `
  exists (
    select 1
    from record r
    where r.resource_type in (${resourceTypes})
      and r.key = ${key}
      and r.removed_in is not null
  )`;

/**
 * Counts the references of files, and fills the table of the dangling ones.
 *
 * @param memberships how many the mirror holds; undefined: they come from a column of the users
 * @param managers how many names of managers users have; undefined: no target maps managers
 */
export function countKeyReferences(db: Db, memberships: number | undefined, managers: number | undefined): Counts {
  db.exec(danglingTable);
  return {
    ...(memberships === undefined ? {} : countMemberships(db, memberships)),
    ...(managers === undefined ? {} : { managers: countManagers(db, managers) }),
  };
}

function countMemberships(db: Db, total: number): Counts {
  insertDangling(db, 'members', `'User', 'Group'`);
  insertDangling(db, 'groups', `'Group'`);
  return { members: countsOf(db, 'members', total), groups: countsOf(db, 'groups', total) };
}

function countManagers(db: Db, total: number): ReferenceCounts {
  insertDangling(db, 'managers', `'User'`);
  return countsOf(db, 'managers', total);
}

function insertDangling(db: Db, kind: ReferenceKind, resourceTypes: string): void {
  db.exec(`
    insert into dangling_reference
    select u.relation, u.name, u.reference_count, ${hasLeft(resourceTypes, 'u.name')}
    from unresolved_reference u
    where u.relation = '${kind}'
      and ${isUnknown(resourceTypes, 'u.name')}`);
}

/**
 * Updates the names in memberships that are the key of no present record. Only a reading that changed a membership or a
 * record with this name changes that.
 *
 * @param changedIn the reading whose changes are looked at; undefined: all memberships
 */
export function updateUnresolved(db: Db, changedIn: number | undefined): void {
  const isConcerned = (table: 'record' | 'source_membership'): string =>
    changedIn === undefined
      ? `${table} where true`
      : // Without the index hint SQLite scans the table.
        `${table} indexed by ${table}_by_change where changed_in = :changedIn`;
  const parameters = changedIn === undefined ? {} : { changedIn };
  db.exec(`
    create temp table if not exists checked_name (
      relation text not null, name text not null, primary key (relation, name)) without rowid;
    delete from checked_name;`);
  for (const names of [
    `select 'members', member_key from ${isConcerned('source_membership')}`,
    `select 'groups', group_key from ${isConcerned('source_membership')}`,
    `select 'members', key from ${isConcerned('record')}`,
    `select 'groups', key from ${isConcerned('record')}`,
  ])
    db.prepare(`insert or ignore into checked_name ${names}`).run(parameters);
  db.exec(changedIn === undefined ? `delete from unresolved_reference where relation <> 'managers'` : deleteChecked);
  for (const [relation, column, resourceTypes] of [
    ['members', 'member_key', `'User', 'Group'`],
    ['groups', 'group_key', `'Group'`],
  ] as const)
    db.exec(`
      insert into unresolved_reference
      select c.relation, c.name, count(*)
      from checked_name c
      cross join source_membership m on m.${column} = c.name
        and m.removed_in is null
        and ${isOwnRow('m')}
      where c.relation = '${relation}'
        and not exists (
          select 1
          from record r
          where r.resource_type in (${resourceTypes})
            and r.key = c.name
            and r.removed_in is null
        )
      group by c.name`);
}

const deleteChecked = `
  delete from unresolved_reference
  where (relation, name) in (select relation, name from checked_name)`;

function countsOf(db: Db, kind: ReferenceKind, total: unknown): ReferenceCounts {
  const { dangling, left } = db
    .prepare(
      `
      select coalesce(sum(iif(is_left, 0, reference_count)), 0) as dangling,
        coalesce(sum(iif(is_left, reference_count, 0)), 0) as left
      from dangling_reference
      where kind = ?`,
    )
    .get(kind) as { dangling: number; left: number };
  return { total: total as number, dangling, left };
}

/** The dangling references of a kind that were counted last, the most frequent first. */
export function readDangling(db: Db, kind: ReferenceKind, limit: number): readonly DanglingReference[] {
  db.exec(danglingTable.replace('delete from dangling_reference;', ''));
  const rows = db
    .prepare(
      `
      select name, reference_count as "references", is_left as hasLeft
      from dangling_reference
      where kind = ?
      order by is_left, reference_count desc, name
      limit ?`,
    )
    .all(kind, limit) as { name: string; references: number; hasLeft: number }[];
  return rows.map((row) => ({ ...row, hasLeft: row.hasLeft === 1 }));
}
