import type { Db } from '../../database.ts';
import type { ReferenceKind } from '../../../model/reading/references.ts';
import { isMissingFrom } from '../missing-rows.ts';
import { updateAmbiguousHandles } from './ambiguous-handles.ts';
import { countLostReferences, noteChangedReferences } from './lost-references.ts';

/** `flatten`: members of nested groups become members of the outer group; `keep`: groups are members of groups. */
export interface ReferenceOptions {
  readonly nested: 'flatten' | 'keep';
}

/** Temporary tables for handles, references and removals of a staged reading; empties them. */
export const referenceStagingTables = `
  create temp table if not exists staged_handle (
    resource_type text not null, key text not null, handle text not null,
    primary key (resource_type, key, handle)) without rowid;
  create temp table if not exists staged_reference (
    resource_type text not null, key text not null, relation text not null, handle text not null,
    primary key (resource_type, key, relation, handle)) without rowid;
  create temp table if not exists staged_removed (
    resource_type text not null, key text not null, handle text not null,
    primary key (resource_type, handle, key)) without rowid;
  delete from staged_handle; delete from staged_reference; delete from staged_removed;`;

const workTables = `
  create temp table if not exists touched (record integer primary key, is_removed integer not null);
  create temp table if not exists dirty_handle (handle integer primary key);
  create temp table if not exists dirty_group (record integer primary key);
  create temp table if not exists dirty_person (record integer primary key);
  create temp table if not exists desired_member (key text primary key) without rowid;
  create temp table if not exists new_handle_owner (
    handle integer not null, record integer not null, primary key (handle, record)) without rowid;
  create temp table if not exists new_reference (
    record integer not null, relation text not null, handle integer not null,
    primary key (record, relation, handle)) without rowid;
  delete from touched; delete from dirty_handle; delete from dirty_group; delete from dirty_person;
  delete from new_handle_owner; delete from new_reference;`;

/**
 * Updates memberships and references from the staged records. The cost depends on the size of the change: a group is
 * computed again if its members, a handle of a member, or a group inside it changed.
 *
 *     staged handles and references ─▶ differences ─▶ dirty handles ─┬▶ dirty groups, outer groups ─▶ memberships
 *                                                                    └▶ dirty people ─▶ attributes with references
 *
 * SQLite joins the tables of a cross join in the written order, so each query starts with the changes and not with the
 * complete table.
 *
 * A handle that several entries share names no record.
 *
 * Call it after the staged records are in the mirror.
 *
 * @param number number of the reading
 * @returns the references that lost a record which is still there, and by how many memberships the mirror grew
 */
export function resolveMemberships(
  db: Db,
  number: number,
  options: ReferenceOptions,
): { readonly lost: Readonly<Record<ReferenceKind, number>>; readonly growth: number } {
  db.exec(workTables);
  const run = (sql: string): void => {
    db.prepare(sql).run(sql.includes(':number') ? { number } : {});
  };
  run(`
    insert into touched
    select r.id, 0
    from staged_record s
    cross join record r on r.resource_type = s.resource_type
      and r.key = s.key`);
  run(`
    insert or ignore into touched
    select id, 1
    from record indexed by record_by_change
    where changed_in = :number
      and removed_in = :number`);
  run(`insert or ignore into handle (text) select handle from staged_handle`);
  run(`insert or ignore into handle (text) select handle from staged_reference`);
  run(`
    insert into new_handle_owner
    select h.id, r.id
    from staged_handle s
    cross join record r on r.resource_type = s.resource_type
      and r.key = s.key
    cross join handle h on h.text = s.handle`);
  run(`
    insert into new_reference
    select r.id, s.relation, h.id
    from staged_reference s
    cross join record r on r.resource_type = s.resource_type
      and r.key = s.key
    cross join handle h on h.text = s.handle`);
  markDirty(run);
  noteChangedReferences(db);
  run(`
    delete from handle_owner
    where record in (select record from touched)
      and (handle, record) not in (select handle, record from new_handle_owner)`);
  run(`insert or ignore into handle_owner select handle, record from new_handle_owner`);
  run(`
    delete from reference
    where record in (select record from touched)
      and (record, relation, handle) not in (select record, relation, handle from new_reference)`);
  run(`insert or ignore into reference select record, relation, handle from new_reference`);
  markDirtyByHandles(run, options);
  updateAmbiguousHandles(db);
  const lost = countLostReferences(db);
  const growth = recomputeMemberships(db, number, options);
  resolveReferenceAttributes(db, number);
  run(`
    delete from handle
    where id in (select handle from dirty_handle)
      and not exists (select 1 from handle_owner b where b.handle = handle.id)
      and not exists (select 1 from reference f where f.handle = handle.id)`);
  return { lost, growth };
}

type Run = (sql: string) => void;

/** Marks as dirty what the differences between the mirror and the staged handles and references affect. */
function markDirty(run: Run): void {
  for (const difference of differencesOf('handle_owner', ['handle', 'record'])) {
    run(`insert or ignore into dirty_handle select d.handle ${difference}`);
    // If the handle of a group changed, other users refer to it as their group.
    run(`insert or ignore into dirty_group select d.record ${difference}`);
  }
  for (const difference of differencesOf('reference', ['record', 'relation', 'handle'])) {
    run(`insert or ignore into dirty_group select d.record ${difference} and d.relation = 'member'`);
    run(`
      insert or ignore into dirty_group
      select b.record
      from handle_owner b
      where b.handle in (select d.handle ${difference} and d.relation = 'group')`);
    run(`insert or ignore into dirty_handle select d.handle ${difference} and d.relation = 'group'`);
  }
  run(`
    insert or ignore into dirty_person
    select t.record
    from touched t
    where t.is_removed = 0
      and exists (select 1 from new_reference f where f.record = t.record and f.relation glob '@*')`);
  run(`insert or ignore into dirty_group select record from touched`);
}

/** The `from` clauses of the rows `d` that the staged reading removes from a table, and of those that it adds. */
function differencesOf(table: 'handle_owner' | 'reference', columns: readonly string[]): readonly string[] {
  return [
    `from touched t cross join ${table} d on d.record = t.record where ${isMissingFrom(`new_${table}`, 'd', columns)}`,
    `from new_${table} d where ${isMissingFrom(table, 'd', columns)}`,
  ];
}

/**
 * Marks the records that refer to a dirty handle and, if groups are flattened, the groups that contain a dirty group.
 */
function markDirtyByHandles(run: Run, { nested }: ReferenceOptions): void {
  run(`
    insert or ignore into dirty_group
    select f.record
    from dirty_handle s
    cross join reference f on f.handle = s.handle
      and f.relation = 'member'`);
  run(`
    insert or ignore into dirty_group
    select b.record
    from dirty_handle s
    cross join handle_owner b on b.handle = s.handle`);
  run(`
    insert or ignore into dirty_person
    select f.record
    from dirty_handle s
    cross join reference f on f.handle = s.handle
    where f.relation glob '@*'`);
  run(`delete from dirty_group where (select resource_type from record where id = dirty_group.record) = 'User'`);
  if (nested === 'keep') return;
  run(`
    insert or ignore into dirty_group
    with recursive containing_group(record) as (
      select record
      from dirty_group
      union
      select f.record
      from containing_group a
      cross join handle_owner b on b.record = a.record
      cross join reference f on f.handle = b.handle
        and f.relation = 'member'
    )
    select record
    from containing_group`);
}

const isUnambiguous = 'f.handle not in (select handle from ambiguous_handle)';

/** `union` (without `all`) ends the recursion if groups contain each other. */
const flattenedGroups = `
  with recursive inside(record) as (
    values(:record)
    union
    select r.id
    from inside i
    cross join reference f on f.record = i.record
      and f.relation = 'member'
      and ${isUnambiguous}
    cross join handle_owner b on b.handle = f.handle
    cross join record r on r.id = b.record
      and r.resource_type in ('Group', 'Nested')
      and r.removed_in is null
  )`;
const groupAlone = 'with inside(record) as (values(:record))';

const memberUsers = `
  select r.key
  from inside i
  cross join reference f on f.record = i.record
    and f.relation = 'member'
    and ${isUnambiguous}
  cross join handle_owner b on b.handle = f.handle
  cross join record r on r.id = b.record
    and r.resource_type = 'User'
    and r.removed_in is null
  union
  select r.key
  from inside i
  cross join handle_owner b on b.record = i.record
  cross join reference f on f.handle = b.handle
    and f.relation = 'group'
    and ${isUnambiguous}
  cross join record r on r.id = f.record
    and r.resource_type = 'User'
    and r.removed_in is null`;
const memberGroups = `union
    select r.key from reference f cross join handle_owner b on b.handle = f.handle
      cross join record r on r.id = b.record and r.resource_type = 'Group' and r.removed_in is null and r.id <> :record
    where f.record = :record and f.relation = 'member' and ${isUnambiguous}`;

function recomputeMemberships(db: Db, number: number, { nested }: ReferenceOptions): number {
  const groups = db.prepare(`
    select r.id, r.key, r.removed_in is null as present
    from dirty_group s
    cross join record r on r.id = s.record
      and r.resource_type = 'Group'
    order by s.record`);
  const insertDesired = db.prepare(`
    insert or ignore into desired_member
      ${nested === 'flatten' ? `${flattenedGroups} ${memberUsers}` : `${groupAlone} ${memberUsers} ${memberGroups}`}`);
  const clear = db.prepare('delete from desired_member');
  const removeMemberships = db.prepare(`update source_membership set removed_in = :number, changed_in = :number
    where group_key = :key and removed_in is null and member_key not in (select key from desired_member)`);
  const addMemberships = db.prepare(`
    insert into source_membership (group_key, member_key, changed_in)
    select :key, key, :number
    from desired_member
    where true
    on conflict (group_key, member_key) do update set changed_in = excluded.changed_in, removed_in = null
    where removed_in is not null`);
  let growth = 0;
  for (const { id, key, present } of groups.all() as { id: number; key: string; present: number }[]) {
    clear.run();
    if (present === 1) insertDesired.run({ record: id });
    growth -= removeMemberships.run({ number, key }).changes;
    growth += addMemberships.run({ number, key }).changes;
  }
  return growth;
}

/** Replaces references in attributes by the key of the user; removes the attribute if no user owns the handle. */
function resolveReferenceAttributes(db: Db, number: number): void {
  const dirtyRecords = db.prepare(
    'select r.id, r.attributes from dirty_person s cross join record r on r.id = s.record where r.removed_in is null',
  );
  const referencedKeys = db.prepare(`
    select substr(f.relation, 2) as attribute, min(r.key) as key
    from reference f
    left join handle_owner b on b.handle = f.handle
      and ${isUnambiguous}
    left join record r on r.id = b.record
      and r.resource_type = 'User'
      and r.removed_in is null
    where f.record = ?
      and f.relation glob '@*'
    group by f.relation`);
  const write = db.prepare('update record set attributes = ?, changed_in = ? where id = ?');
  for (const { id, attributes } of dirtyRecords.all() as { id: number; attributes: string }[]) {
    const all = JSON.parse(attributes) as Record<string, readonly string[]>;
    for (const { attribute, key } of referencedKeys.all(id) as { attribute: string; key: string | null }[]) {
      if (key === null) delete all[attribute];
      else all[attribute] = [key];
    }
    const text = JSON.stringify(
      Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1))),
    );
    if (text !== attributes) write.run(text, number, id);
  }
}
