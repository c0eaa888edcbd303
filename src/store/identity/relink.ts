import type { Instant } from '../../model/ids.ts';
import { managerPath } from '../../model/path.ts';
import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import { openChain } from '../chain/chain.ts';
import type { Db } from '../database.ts';
import { recountTotals } from '../totals.ts';
import type { KeyPair, RelinkProblem } from './key-change-store-interface.ts';

/** The columns that hold keys, with the condition under which they do. */
type KeyColumns = readonly (readonly [table: string, column: string, condition: string])[];

const userKeyColumns: KeyColumns = [
  ['record', 'key', `resource_type = 'User'`],
  ['source_membership', 'member_key', 'true'],
  ['join_value', 'key', `side = 'primary'`],
  ['joined_user', 'key', 'true'],
  ['account', 'key', `resource_type = 'User'`],
  ['account', 'manager', `resource_type = 'User'`],
  ['membership', 'member_key', `member_type = 'User'`],
  ['requeue', 'key', `resource_type = 'User'`],
  ['requeue_membership', 'member_key', 'true'],
  ['pending_manager', 'key', 'true'],
  ['pending_manager', 'manager', 'true'],
  ['verification', 'key', `resource_type = 'User'`],
  ['retry', 'key', `resource_type = 'User'`],
  ['unique_value', 'key', `resource_type = 'User'`],
  ['refused_value', 'key', `resource_type = 'User'`],
  ['retry', 'member_key', 'true'],
  ['operation', 'key', `resource_type = 'User'`],
  ['operation', 'refers_to', 'true'],
  ['operation_member', 'key', `resource_type = 'User'`],
  ['deleted_membership', 'member_key', `member_type = 'User'`],
  ['note', 'key', `resource_type = 'User'`],
  ['former_value', 'key', `resource_type = 'User'`],
  ['leaver_look_up', 'key', 'true'],
  ['drift', 'key', `resource_type = 'User'`],
  ['drift', 'member_key', `member_type = 'User'`],
  ['freeze', 'key', 'true'],
];

const groupKeyColumns: KeyColumns = [
  ['record', 'key', `resource_type = 'Group'`],
  ['source_membership', 'group_key', 'true'],
  // The key of a member has no type: a user with this key is the member.
  ['source_membership', 'member_key', `member_key not in (select key from record where resource_type = 'User')`],
  ['account', 'key', `resource_type = 'Group'`],
  ['membership', 'group_key', 'true'],
  ['membership', 'member_key', `member_type = 'Group'`],
  ['requeue', 'key', `resource_type = 'Group'`],
  ['requeue_membership', 'group_key', 'true'],
  ['verification', 'key', `resource_type = 'Group'`],
  ['retry', 'key', `resource_type = 'Group'`],
  ['unique_value', 'key', `resource_type = 'Group'`],
  ['refused_value', 'key', `resource_type = 'Group'`],
  ['operation', 'key', `resource_type = 'Group'`],
  ['operation_member', 'key', `resource_type = 'Group'`],
  ['deleted_membership', 'group_key', 'true'],
  ['deleted_membership', 'member_key', `member_type = 'Group'`],
  ['note', 'key', `resource_type = 'Group'`],
  ['former_value', 'key', `resource_type = 'Group'`],
  ['drift', 'key', `resource_type = 'Group'`],
  ['drift', 'member_key', `member_type = 'Group'`],
];

/** The pairs that cannot be relinked: the old key is unknown, or the new key has an account of its own. */
export function relinkProblems(db: Db, pairs: readonly KeyPair[]): readonly RelinkProblem[] {
  const ofType = splitByType(db, pairs);
  return resourceTypes.flatMap((resourceType) => problemsOf(db, ofType[resourceType], resourceType));
}

function problemsOf(db: Db, pairs: readonly KeyPair[], resourceType: ResourceType): readonly RelinkProblem[] {
  const isKnown = knownKeys(db, resourceType);
  const targetOfAccount = db
    .prepare(
      `
      select t.name
      from target t
      join account a on a.target = t.id
        and a.resource_type = '${resourceType}'
        and a.key = ?`,
    )
    .pluck();
  const moved = new Set(pairs.map(({ from }) => from));
  const isReused = db
    .prepare(
      `
      select exists (
        select 1
        from key_change
        where resource_type = '${resourceType}'
          and from_key = :key
          and to_key = :key
          and state = 'pending'
      )`,
    )
    .pluck();
  return pairs.flatMap(({ from, to }): RelinkProblem[] => {
    if (from === to)
      return isReused.get({ key: from }) === 1 ? [] : [{ from, to, code: 'samePerson', target: undefined }];
    if (!isKnown(from)) return [{ from, to, code: 'unknownKey', target: undefined }];
    const target = moved.has(to) ? undefined : (targetOfAccount.get(to) as string | undefined);
    return target === undefined ? [] : [{ from, to, code: 'hasAccount', target }];
  });
}

/** The pairs of users and those of groups. A pair of a file is one of groups if only a group has the old key. */
export function splitByType(db: Db, pairs: readonly KeyPair[]): Readonly<Record<ResourceType, readonly KeyPair[]>> {
  const isUser = knownKeys(db, 'User');
  const isGroup = knownKeys(db, 'Group');
  const typeOf = ({ resourceType, from }: KeyPair): ResourceType =>
    resourceType ?? (!isUser(from) && isGroup(from) ? 'Group' : 'User');
  const typed = pairs.map((pair) => ({ pair, type: typeOf(pair) }));
  const of = (wanted: ResourceType): readonly KeyPair[] =>
    typed.filter(({ type }) => type === wanted).map(({ pair }) => pair);
  return { User: of('User'), Group: of('Group') };
}

function knownKeys(db: Db, resourceType: ResourceType): (key: string) => boolean {
  const isKnown = db
    .prepare(
      `
      select exists (select 1 from record where resource_type = '${resourceType}' and key = :key)
        or exists (select 1 from account where resource_type = '${resourceType}' and key = :key)`,
    )
    .pluck();
  return (key) => isKnown.get({ key }) === 1;
}

/** The pairs that contradict the source. A key that waits for a decision is in the source under the other one. */
export function contradictionsOfSource(db: Db, pairs: readonly KeyPair[]): readonly RelinkProblem[] {
  const isPresent = db
    .prepare(
      `
      select exists (
        select 1 from record where resource_type in ('User', 'Group') and key = :key and removed_in is null
      ) or exists (select 1 from key_change where to_key = :key and state = 'pending')`,
    )
    .pluck();
  const isActive = db
    .prepare(
      `
      select exists (
        select 1
        from record
        where resource_type in ('User', 'Group')
          and key = :key
          and removed_in is null
          and active = 1
      ) and not exists (select 1 from key_change where from_key = :key and state = 'pending')`,
    )
    .pluck();
  return pairs.flatMap(({ from, to }): RelinkProblem[] => {
    if (isPresent.get({ key: to }) !== 1) return [{ from, to, code: 'notInSource', target: undefined }];
    return isActive.get({ key: from }) === 1 ? [{ from, to, code: 'stillActive', target: undefined }] : [];
  });
}

/**
 * Moves accounts, memberships and history of users or groups to other keys. The source is then read completely again.
 * Runs inside the caller's transaction. Scans each table twice, however many pairs there are.
 *
 * Keys may form chains and circles (A becomes B, and B becomes C), so each key moves by a key that no source has.
 */
export function relinkKeys(db: Db, pairs: readonly KeyPair[], at: Instant, resourceType: ResourceType = 'User'): void {
  db.exec(`
    create temp table if not exists relink (from_key text primary key, to_key text not null unique) without rowid;
    delete from relink;`);
  const insert = db.prepare('insert into relink (from_key, to_key) values (?, ?)');
  for (const { from, to } of pairs) insert.run(from, to);
  // A record without an account under the new key: the next reading states it again, and what is in doubt.
  db.exec(`
    delete from record_in_doubt where record > 0;
    delete from membership_in_doubt where membership > 0;
    delete from record
    where resource_type = '${resourceType}'
      and key in (select to_key from relink)
      and key not in (select from_key from relink)`);
  const operations = db
    .prepare(
      `
      select id
      from operation
      where resource_type = :resourceType
        and key in (select from_key from relink)
      union
      select operation
      from operation_member
      where resource_type = :resourceType
        and key in (select from_key from relink)`,
    )
    .pluck()
    .all({ resourceType }) as number[];
  const keyColumns = resourceType === 'User' ? userKeyColumns : groupKeyColumns;
  for (const [table, column, condition] of keyColumns) {
    db.prepare(
      `
      update or replace ${table}
      set ${column} = :prefix || ${column}
      where ${condition}
        and ${column} in (select from_key from relink)`,
    ).run({ prefix });
    db.prepare(
      `
      update or replace ${table}
      set ${column} = (select to_key from relink where from_key = substr(${column}, length(:prefix) + 1))
      where ${condition}
        and substr(${column}, 1, length(:prefix)) = :prefix`,
    ).run({ prefix });
  }
  openChain(db).amend(operations);
  // The targets compare these records in the next reading, also where only the key differs.
  db.exec(`
    update record
    set changed_in = 1 + (select coalesce(max(number), 0) from reading)
    where resource_type = '${resourceType}'
      and key in (select to_key from relink);
    update reading set fingerprint = '', signature = '', bookmark = null, memberships = null,
      manager_rules = null, login_rules = null;
    delete from key_change
    where resource_type = '${resourceType}'
      and (
        from_key in (select from_key from relink union all select to_key from relink)
          or to_key in (select from_key from relink union all select to_key from relink)
      )`);
  recountTotals(db);
  if (resourceType === 'User') moveManagers(db);
  keepFormerKeys(db, at, resourceType);
}

/** Managers in bodies. */
function moveManagers(db: Db): void {
  db.prepare(
    `
    update account
    set body = json_set(body, :path, manager)
    where resource_type = 'User'
      and manager in (select to_key from relink)
      and json_extract(body, :path) is not null`,
  ).run({ path: `$.${JSON.stringify(managerPath)}` });
}

/** The keys by which operators may still ask. */
function keepFormerKeys(db: Db, at: Instant, resourceType: ResourceType): void {
  db.prepare(
    `
    update former_key
    set now_key = (select to_key from relink where from_key = now_key)
    where resource_type = :resourceType
      and now_key in (select from_key from relink)`,
  ).run({ resourceType });
  db.prepare(
    `
    insert or replace into former_key (resource_type, key, now_key, at)
    select :resourceType, from_key, to_key, :at
    from relink`,
  ).run({ resourceType, at });
  db.exec('delete from former_key where key = now_key');
}

const prefix = '\u0001relink:';

/** Records that a reused key names the same person as before. The next reading takes the new names. */
export function markAsSame(db: Db, keys: readonly string[]): void {
  const update = db.prepare(`
    update key_change
    set state = 'same'
    where resource_type = 'User'
      and from_key = :key
      and to_key = :key
      and state = 'pending'`);
  for (const key of keys) update.run({ key });
  db.exec(`update reading set fingerprint = '', signature = '', bookmark = null`);
}

/** Records that these pairs of keys are different people or groups. */
export function markAsDifferent(db: Db, pairs: readonly KeyPair[], at: Instant): void {
  const upsert = db.prepare(`
    insert into key_change (resource_type, from_key, to_key, name, reason, since, state)
    values (:resourceType, :from, :to, '', '', :at, 'different')
    on conflict (resource_type, from_key, to_key) do update set state = 'different'`);
  const ofType = splitByType(db, pairs);
  for (const resourceType of resourceTypes)
    for (const { from, to } of ofType[resourceType]) upsert.run({ resourceType, from, to, at });
}
