import type { Db } from '../../database.ts';
import type { SourceRecord } from '../../../model/record.ts';
import { toRecord, type RecordRow } from '../../sqlite/rows.ts';
import type { ManagerNames } from '../mirror-interface.ts';

const pageSize = 1000;

type UserRow = RecordRow & { readonly id: number; readonly removed_in: number | null };

/** What is staged with a user: the names of the managers as JSON; null: none. */
export function managersText(record: SourceRecord, managers: ManagerNames | undefined): string | null {
  if (managers === undefined || record.resourceType !== 'User') return null;
  const names = managers.namesOf(record);
  return names.length === 0 ? null : JSON.stringify(names);
}

/**
 * Updates the names of the managers of users, and those among them that are the key of no present user. The cost
 * depends on the records that the reading changed, unless other rules apply now.
 *
 * @param number the reading, whose changes are in the mirror and whose row is not
 * @param isFirst all records of the mirror are staged
 * @param managers undefined: no target maps managers
 * @returns how many names there are; undefined: no target maps managers
 */
export function updateManagers(
  db: Db,
  number: number,
  managers: ManagerNames | undefined,
  isFirst: boolean,
): number | undefined {
  const last = db.prepare('select manager_rules as rules, managers as total from reading').get() as
    { readonly rules: string | null; readonly total: number } | undefined;
  const isComparable = managers !== undefined && last?.rules === managers.rules;
  if (!isComparable) deleteAll(db);
  if (managers === undefined) return undefined;
  db.exec(`
    create temp table if not exists checked_manager (name text primary key) without rowid;
    delete from checked_manager;`);
  const growth = isComparable
    ? replaceChanged(db, number, managers.namesOf)
    : isFirst
      ? insertStaged(db)
      : insertAll(db, managers.namesOf);
  db.exec(`
    delete from unresolved_reference
    where relation = 'managers'
      and name in (select name from checked_manager);
    insert into unresolved_reference
    select 'managers', c.name, count(*)
    from checked_manager c
    cross join manager_name m on m.name = c.name
    where not exists (
      select 1
      from record r
      where r.resource_type = 'User'
        and r.key = c.name
        and r.removed_in is null
    )
    group by c.name`);
  return isComparable ? last.total + growth : growth;
}

function deleteAll(db: Db): void {
  db.exec(`delete from manager_name; delete from unresolved_reference where relation = 'managers'`);
}

type NewName = (record: number, name: string) => void;

const newName = (db: Db): NewName => {
  const insert = db.prepare('insert into manager_name (record, name) values (?, ?)');
  return (record, name) => insert.run(record, name);
};

/**
 * The users of a first reading were parsed when they were staged: nothing of them comes to memory again.
 *
 * @returns how many names there are
 */
function insertStaged(db: Db): number {
  const { changes } = db
    .prepare(
      `insert into manager_name (record, name)
      select r.id, m.value
      from staged_record s
      cross join record r on r.resource_type = s.resource_type
        and r.key = s.key
      cross join json_each(s.managers) m
      where s.resource_type = 'User'
        and s.managers is not null`,
    )
    .run();
  checkAll(db);
  return changes;
}

/** @returns how many names there are */
function insertAll(db: Db, namesOf: ManagerNames['namesOf']): number {
  const insert = newName(db);
  let total = 0;
  for (const row of users(db, undefined))
    for (const name of namesOf(toRecord(row))) {
      insert(row.id, name);
      total += 1;
    }
  checkAll(db);
  return total;
}

const checkAll = (db: Db): void => void db.exec('insert into checked_manager select distinct name from manager_name');

/** @returns how many names were added, less those that were removed */
function replaceChanged(db: Db, changedIn: number, namesOf: ManagerNames['namesOf']): number {
  const insert = newName(db);
  const namesBefore = db.prepare('select name from manager_name where record = ?').pluck();
  const remove = db.prepare('delete from manager_name where record = ? and name = ?');
  const check = db.prepare('insert or ignore into checked_manager (name) values (?)');
  let growth = 0;
  for (const row of users(db, changedIn)) {
    const before = namesBefore.all(row.id) as string[];
    const now = row.removed_in === null ? namesOf(toRecord(row)) : [];
    const removed = before.filter((name) => !now.includes(name));
    const added = now.filter((name) => !before.includes(name));
    for (const name of removed) remove.run(row.id, name);
    for (const name of added) insert(row.id, name);
    for (const name of [row.key, ...removed, ...added]) check.run(name);
    growth += added.length - removed.length;
  }
  return growth;
}

/** In pages: a statement that is read while another one writes would block the connection. */
function* users(db: Db, changedIn: number | undefined): Generator<UserRow, void, undefined> {
  const page = db.prepare(`
    select id, resource_type, key, active, attributes, removed_in
    from record ${changedIn === undefined ? '' : 'indexed by record_by_change'}
    where resource_type = 'User'
      and ${changedIn === undefined ? 'removed_in is null' : 'changed_in = :changedIn'}
      and id > :after
    order by id
    limit ${pageSize}`);
  const parameters = changedIn === undefined ? {} : { changedIn };
  for (let rows = page.all({ ...parameters, after: 0 }) as UserRow[]; rows.length > 0;) {
    yield* rows;
    rows = page.all({ ...parameters, after: rows.at(-1)?.id }) as UserRow[];
  }
}
