import { instant, sourceKey, type Instant } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { ReadingExtent } from '../../model/row.ts';
import type { Db } from '../database.ts';
import { toRecord, type RecordRow } from '../sqlite/rows.ts';
import type { BitSet } from '../mirror/bit-set.ts';
import type { KeyChange, KeyChangeRules, KeyChanges } from './key-change-store-interface.ts';
import { keyChangeTables } from './key-change-tables.ts';
import { relinkKeys } from './relink.ts';

const pageSize = 1000;
const maxListed = 100;

/** The part of a staged reading in which key changes are looked for. */
export interface StagedUsers {
  readonly extent: ReadingExtent;
  /** Ids of the records that the reading contained. */
  readonly seenRecords: BitSet;
}

/**
 * Pairs the users who are new in the staged reading with those who vanished, where both seem to be the same person.
 * Fills the temporary table `key_pair`, and returns the number of pairs.
 *
 *     new, active users ──▶ tokens ─┐
 *     vanished users ─────▶ tokens ─┴▶ equal texts ──▶ pairs: each user once, the strongest token first
 *     earlier leavers whose account has the same login ─┘
 *
 * The cost depends on the numbers of new and of vanished users, and is nothing where one of them is zero.
 */
export function pairKeyChanges(db: Db, staged: StagedUsers, rules: KeyChangeRules): number {
  db.exec(keyChangeTables);
  const newUsers = tokensOfNewUsers(db, rules);
  if (newUsers === 0) return 0;
  const candidates = db.prepare(`
    select key as toKey, is_strong as isStrong, value as name, reason
    from identity_token t
    where text = :text
      and key <> :from
      and not exists (
        select 1
        from key_change c
        where c.from_key = :from
          and c.to_key = t.key
          and c.state = 'different'
      )
    order by key`);
  const insert = db.prepare(`
    insert or ignore into key_pair (from_key, to_key, is_strong, name, reason)
    values (:from, :toKey, :isStrong, :name, :reason)`);
  const pairOf = (user: SourceRecord): void => {
    for (const { text } of rules.tokensOf(user)) {
      for (const candidate of candidates.all({ text, from: user.key }) as object[])
        if (insert.run({ from: user.key, ...candidate }).changes > 0) return;
    }
  };
  let vanished = 0;
  for (const user of vanishedUsers(db, staged)) {
    vanished += 1;
    pairOf(user);
  }
  for (const user of earlierLeavers(db)) pairOf(user);
  const weak = db.prepare('select count(*) from key_pair where is_strong = 0').pluck().get() as number;
  if (weak > 0 && !rules.doWeakSignsCount(weak, vanished)) db.exec('delete from key_pair where is_strong = 0');
  return db.prepare('select count(*) from key_pair').pluck().get() as number;
}

/** Inactive users get no account, so their key does not matter. @returns the number of new, active users */
function tokensOfNewUsers(db: Db, { tokensOf }: KeyChangeRules): number {
  const page = db.prepare(`
    select resource_type, key, active, attributes
    from staged_record s
    where resource_type = 'User'
      and key > ?
      and active = 1
      and not exists (
        select 1
        from record r
        where r.resource_type = 'User'
          and r.key = s.key
          and r.removed_in is null
      )
    order by key
    limit ${pageSize}`);
  const insert = db.prepare(`
    insert or ignore into identity_token (text, key, is_strong, value, reason, login)
    values (:text, :key, :isStrong, :value, :reason, :login)`);
  let count = 0;
  for (let rows = page.all('') as RecordRow[]; rows.length > 0; rows = page.all(rows.at(-1)?.key) as RecordRow[]) {
    count += rows.length;
    for (const user of rows.map(toRecord))
      for (const { text, value, reason, isStrong } of tokensOf(user))
        insert.run({
          text,
          value,
          reason,
          key: user.key,
          isStrong: isStrong ? 1 : 0,
          login: value.toLowerCase(),
        });
  }
  return count;
}

/** The users whom the reading removes from the mirror. */
function* vanishedUsers(db: Db, { extent, seenRecords }: StagedUsers): Iterable<SourceRecord> {
  const page = db.prepare(`
    select r.id, r.resource_type, r.key, r.active, r.attributes
    from record r
    where r.resource_type = 'User'
      and r.removed_in is null
      and r.id > ?
      and not exists (select 1 from staged_record s where s.resource_type = 'User' and s.key = r.key)
      ${extent === 'full' ? '' : `and r.key in (select key from staged_removed where resource_type = 'User')`}
    order by r.id
    limit ${pageSize}`);
  type Row = RecordRow & { readonly id: number };
  for (let rows = page.all(0) as Row[]; rows.length > 0; rows = page.all(rows.at(-1)?.id) as Row[])
    for (const row of rows) if (!seenRecords.has(row.id)) yield toRecord(row);
}

/**
 * Users who left in an earlier reading, and whose account at a target has the userName or an e-mail address of a new
 * user. They are few among all records, and have an index of their own.
 */
function* earlierLeavers(db: Db): Iterable<SourceRecord> {
  const rows = db
    .prepare(
      `
      select distinct r.resource_type, r.key, r.active, r.attributes
      from record r indexed by record_of_leaver
      cross join target x
      cross join account a on a.target = x.id
        and a.resource_type = 'User'
        and a.key = r.key
      where r.resource_type = 'User'
        and r.removed_in is not null
        and (
          a.name in (select login from identity_token)
            or exists (
              select 1
              from json_each(a.body) b
              where b.key glob 'emails*'
                and lower(b.value) in (select login from identity_token)
            )
        )
      order by r.key`,
    )
    .all() as RecordRow[];
  yield* rows.map(toRecord);
}

/**
 * Takes the pairs out of the staged reading: the new user is not added, the old one is not removed, and what the
 * reading states about the new key counts for the old one. Stores the pairs until an operator decides.
 *
 * @returns how many of the old users were in the mirror already without being in it as present
 */
export function withholdKeyChanges(
  db: Db,
  { extent, seenRecords }: StagedUsers,
  seenMemberships: BitSet,
  at: Instant,
): number {
  const pairs = db
    .prepare(
      `
      select p.from_key as "from", p.to_key as "to", r.id, r.removed_in is null as isPresent
      from key_pair p
      join record r on r.resource_type = 'User'
        and r.key = p.from_key`,
    )
    .all() as { from: string; to: string; id: number; isPresent: number }[];
  const memberships = db.prepare('select group_key as "group" from staged_membership where member_key = ?').pluck();
  const membership = db.prepare('select id from source_membership where group_key = ? and member_key = ?').pluck();
  const dropMembership = db.prepare('delete from staged_membership where group_key = ? and member_key = ?');
  const moveMembership = db.prepare(
    'update or ignore staged_membership set member_key = ?, digest = null where group_key = ? and member_key = ?',
  );
  const unstage = db.prepare(`delete from staged_record where resource_type = 'User' and key = ?`);
  const keep = db.prepare(`delete from staged_removed where resource_type = 'User' and key = ?`);
  // An entry under a new DN: groups that refer to this DN still mean the same person.
  const moveReferences = ['staged_handle', 'staged_reference'].map((table) =>
    db.prepare(`update or replace ${table} set key = :from where resource_type = 'User' and key = :to`),
  );
  for (const { from, to, id, isPresent } of pairs) {
    unstage.run(to);
    keep.run(from);
    for (const move of moveReferences) move.run({ from, to });
    for (const group of memberships.all(to) as string[]) {
      const known = membership.get(group, from) as number | undefined;
      if (known !== undefined) seenMemberships.add(known);
      else if (isPresent === 1) moveMembership.run(from, group, to);
      dropMembership.run(group, to);
    }
    if (isPresent === 1) seenRecords.add(id);
  }
  if (extent === 'full')
    db.exec(`
      delete from key_change
      where state = 'pending'
        and (from_key, to_key) not in (select from_key, to_key from key_pair)`);
  db.prepare(
    `
    insert into key_change (from_key, to_key, name, reason, since)
    select from_key, to_key, name, reason, :at
    from key_pair
    where true
    on conflict (from_key, to_key) do update set name = excluded.name, reason = excluded.reason`,
  ).run({ at });
  return pairs.filter(({ isPresent }) => isPresent === 0).length;
}

/** Moves accounts and history of the pairs to their new keys. The staged rows of the new keys then belong to them. */
export function relinkFoundChanges(db: Db, seenRecords: BitSet, at: Instant): void {
  const pairs = db
    .prepare(
      `
      select p.from_key as "from", p.to_key as "to", r.id
      from key_pair p
      join record r on r.resource_type = 'User'
        and r.key = p.from_key`,
    )
    .all() as { from: string; to: string; id: number }[];
  relinkKeys(db, pairs, at);
  const unstageRemoval = db.prepare(`delete from staged_removed where resource_type = 'User' and key = ?`);
  for (const { id, from } of pairs) {
    seenRecords.add(id);
    unstageRemoval.run(from);
  }
}

/** The key changes that no operator has decided yet. */
export function pendingKeyChanges(db: Db): KeyChanges {
  const total = db.prepare(`select count(*) from key_change where state = 'pending'`).pluck().get() as number;
  if (total === 0) return { total, first: [] };
  const rows = db.prepare(`${selectPending} order by from_key limit ${maxListed}`).all() as KeyChangeRow[];
  return { total, first: rows.map(toKeyChange) };
}

/** The pending change from or to a key. */
export function pendingKeyChangeOf(db: Db, key: string): KeyChange | undefined {
  const row = db.prepare(`${selectPending} and :key in (from_key, to_key)`).get({ key }) as KeyChangeRow | undefined;
  return row === undefined ? undefined : toKeyChange(row);
}

const selectPending = `
  select from_key as "from", to_key as "to", name, reason, since
  from key_change
  where state = 'pending'`;

interface KeyChangeRow {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly reason: string;
  readonly since: number;
}

const toKeyChange = (row: KeyChangeRow): KeyChange => ({
  ...row,
  from: sourceKey(row.from),
  to: sourceKey(row.to),
  since: instant(row.since),
});
