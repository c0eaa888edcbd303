import { instant, sourceKey, type Instant } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { foundPairs, recordFoundPairs, relinkPairs } from './found-pairs.ts';
import { changedUsers, oldUsers, type OldUser, type StagedUsers } from './key-change-candidates.ts';
import type { KeyChange, KeyChangeRules, KeyChanges } from './key-change-store-interface.ts';
import { keyChangeTables } from './key-change-tables.ts';
import { hasAccounts, loginsOf } from './new-user-logins.ts';
import { insertTokens } from './new-user-tokens.ts';
import { stageKnownUser } from './stage-known-user.ts';
import { openUnplannedUsers } from './unplanned-users.ts';

const maxListed = 100;

/**
 * Pairs the users without an account with those who have one and are no longer active in the source, where both seem to
 * be the same person. Fills the temporary table `key_pair`, and returns the number of pairs.
 *
 *     new users ─────────────────────────────────▶ tokens ─┐
 *     vanished users ────────────────────────────▶ tokens ─┴▶ equal texts ──▶ pairs: each user once, the strongest
 *     inactive users and earlier leavers whose account has the same login ─┤  token first
 *     users whose key names another person now ────────────────────────────┘
 *     users whose key names another person now, without a pair ─────────────▶ a pair of the key with itself
 *
 * A user who vanished while active does not become an inactive new one: that is a leaver under another key.
 *
 * New users are those of changed rows, and those of the mirror whom no target has created yet. Of the latter, only
 * those with a login of one of the others get tokens.
 *
 * The cost depends on the numbers of changed rows and of users without access, and is nothing without a new user.
 */
export function pairKeyChanges(db: Db, staged: StagedUsers, rules: KeyChangeRules): number {
  db.exec(keyChangeTables);
  if (hasAccounts(db)) pairNewUsers(db, staged, rules);
  findReusedKeys(db, rules);
  return db.prepare('select count(*) from key_pair').pluck().get() as number;
}

function pairNewUsers(db: Db, staged: StagedUsers, rules: KeyChangeRules): void {
  const unplanned = openUnplannedUsers(db, staged, rules);
  const addTokens = insertTokens(db, rules, unplanned);
  if (!unplanned.mayExist && db.prepare('select exists (select 1 from identity_token)').pluck().get() === 0) return;
  const candidates = db.prepare(`
    select key as toKey, is_strong as isStrong, value as name, reason
    from identity_token t
    where text = :text
      and key <> :from
      and (is_active or :isInactive)
      and (is_strong or :isVanished)
      and not exists (
        select 1
        from key_change c
        where c.resource_type = 'User'
          and c.from_key = :from
          and c.to_key = t.key
          and c.state = 'different'
      )
    order by is_active desc, key`);
  const insert = db.prepare(`
    insert or ignore into key_pair (from_key, to_key, is_strong, name, reason)
    values (:from, :toKey, :isStrong, :name, :reason || :suffix)`);
  const pairOf = ({ user, isVanished, isInactive }: OldUser, suffix = ''): boolean => {
    const state = { from: user.key, isVanished: Number(isVanished), isInactive: Number(isInactive) };
    const tokens = rules.tokensOf(user);
    for (const one of unplanned.withLogins(loginsOf(tokens))) addTokens({ user: one, isActive: true });
    return tokens.some(({ text }) =>
      (candidates.all({ text, ...state }) as object[]).some(
        (candidate) => insert.run({ from: user.key, suffix, ...candidate }).changes > 0,
      ),
    );
  };
  let vanished = 0;
  for (const user of oldUsers(db, staged, rules.at)) {
    if (user.isVanished) vanished += 1;
    pairOf(user);
  }
  const insertReused = db.prepare('insert into reused_key (key) values (?)');
  for (const { user, now } of changedUsers(db, 'loginOfNewUser', rules.at)) {
    if (areSamePerson(rules.tokensOf(user), rules.tokensOf(now))) continue;
    const suffix = `, and ${user.key} is the key of another user now`;
    if (pairOf({ user, isVanished: false, isInactive: false }, suffix)) insertReused.run(user.key);
  }
  const weak = db.prepare('select count(*) from key_pair where is_strong = 0').pluck().get() as number;
  if (weak > 0 && !rules.doWeakSignsCount(weak, vanished)) db.exec('delete from key_pair where is_strong = 0');
}

/**
 * Finds the keys that name another active person than before, without a sign of where the former person is. An operator
 * who stated that it is the same person is not asked again about this name.
 */
function findReusedKeys(db: Db, { otherPerson, at }: KeyChangeRules): void {
  const isDecided = db
    .prepare(
      `
      select exists (select 1 from key_pair where :key in (from_key, to_key))
        or exists (
          select 1
          from key_change
          where resource_type = 'User'
            and from_key = :key
            and to_key = :key
            and state = 'same'
            and name = :name
        )`,
    )
    .pluck();
  const insert = db.prepare(`
    insert into key_pair (from_key, to_key, is_strong, name, reason)
    values (:key, :key, 1, :name, :reason)`);
  const insertReused = db.prepare('insert or ignore into reused_key (key) values (?)');
  for (const { user, now, isInactive } of changedUsers(db, 'all', at)) {
    const other = isInactive || !hasSeveralChanges(user, now) ? undefined : otherPerson(user, now);
    if (other === undefined || isDecided.get({ key: user.key, name: other.name }) === 1) continue;
    insert.run({ key: user.key, ...other });
    insertReused.run(user.key);
  }
}

/** Another person has another login and another name. Few changed rows have, and comparing names takes time. */
function hasSeveralChanges({ attributes: before }: SourceRecord, { attributes: now }: SourceRecord): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  let changes = 0;
  for (const name of names) if (JSON.stringify(before[name]) !== JSON.stringify(now[name])) changes += 1;
  return changes > 1;
}

type Tokens = ReturnType<KeyChangeRules['tokensOf']>;

/**
 * Two states of one key are different people if they have no common userName, e-mail address or full name. A user who
 * gets another userName keeps the name, also if a new user gets the old userName.
 */
function areSamePerson(one: Tokens, other: Tokens): boolean {
  const logins = new Set(one.map(({ value }) => value.toLowerCase()));
  const names = new Set(one.map(({ fullName }) => fullName).filter((name) => name !== undefined));
  return other.some(
    ({ value, fullName }) => logins.has(value.toLowerCase()) || (fullName !== undefined && names.has(fullName)),
  );
}

/** How many old keys of the pairs name another user in this reading. */
export const countReusedKeys = (db: Db): number =>
  db.prepare('select count(*) from reused_key').pluck().get() as number;

/**
 * Removes from the staged reading what it states about a user who has the key of another one: the account of that key
 * is not this user's. Memberships of the key that were known stay, because nothing shows whose they are.
 */
function unstageReusedKeys(db: Db): void {
  db.exec(`
    delete from staged_membership
    where member_key in (select key from reused_key)
      and not exists (
        select 1
        from source_membership m
        where m.group_key = staged_membership.group_key
          and m.member_key = staged_membership.member_key
          and m.removed_in is null
      );
    delete from staged_handle where resource_type = 'User' and key in (select key from reused_key);
    delete from staged_reference where resource_type = 'User' and key in (select key from reused_key)`);
}

/**
 * Takes the pairs out of the staged reading: the new user is not added, the old one is not removed, and what the
 * reading states about the new key counts for the old one. Stores the pairs until an operator decides.
 *
 * @returns the number of users that the reading has fewer than it counted
 */
export function withholdKeyChanges(db: Db, staged: StagedUsers, at: Instant): number {
  const { extent, seenRecords, seenMemberships } = staged;
  const pairs = foundPairs(db, 'User');
  unstageReusedKeys(db);
  let surplus = 0;
  const memberships = db.prepare('select group_key as "group" from staged_membership where member_key = ?').pluck();
  const membership = db.prepare('select id from source_membership where group_key = ? and member_key = ?').pluck();
  const dropMembership = db.prepare('delete from staged_membership where group_key = ? and member_key = ?');
  const moveMembership = db.prepare(
    'update or ignore staged_membership set member_key = ?, digest = null where group_key = ? and member_key = ?',
  );
  const unstage = db.prepare(`delete from staged_record where resource_type = 'User' and key = ?`);
  const keep = db.prepare(`delete from staged_removed where resource_type = 'User' and key = ?`);
  const remove = db.prepare(`insert into staged_removed (resource_type, key, handle) values ('User', ?, '')`);
  // An entry under a new DN: groups that refer to this DN still mean the same person.
  const moveReferences = ['staged_handle', 'staged_reference'].map((table) =>
    db.prepare(`update or replace ${table} set key = :from where resource_type = 'User' and key = :to`),
  );
  // Read the row again in the next reading: it states that the user is inactive, or when that happens.
  const keepActive = db.prepare('update record set valid_to = null, digest = null where id = ? and active = 1');
  for (const { from, to, id, isPresent } of pairs) {
    if (from === to) {
      // The record stays as it is, also where it left in an earlier reading.
      unstage.run(from);
      surplus += 1 - isPresent;
      continue;
    }
    if (stageKnownUser(db, to, staged) && extent === 'incremental') remove.run(to);
    surplus += 1 + Number(seenRecords.has(id)) - isPresent;
    keepActive.run(id);
    unstage.run(from);
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
  recordFoundPairs(db, 'User', extent, at);
  return surplus;
}

/** Moves accounts and history of the pairs to their new keys. The staged rows of the new keys then belong to them. */
export function relinkFoundChanges(db: Db, staged: StagedUsers, at: Instant): void {
  const pairs = foundPairs(db, 'User');
  for (const { to } of pairs) stageKnownUser(db, to, staged);
  relinkPairs(db, 'User', pairs, staged.seenRecords, at);
}

/** The key changes that no operator has decided yet. */
export function pendingKeyChanges(db: Db): KeyChanges {
  const total = db.prepare(`select count(*) from key_change where state = 'pending'`).pluck().get() as number;
  if (total === 0) return { total, groups: 0, reused: 0, first: [] };
  const reused = db
    .prepare(`select count(*) from key_change where from_key = to_key and state = 'pending'`)
    .pluck()
    .get() as number;
  const groups = db
    .prepare(`select count(*) from key_change where resource_type = 'Group' and state = 'pending'`)
    .pluck()
    .get() as number;
  const rows = db
    .prepare(`${selectPending} order by resource_type desc, from_key limit ${maxListed}`)
    .all() as KeyChangeRow[];
  return { total, groups, reused, first: rows.map(toKeyChange) };
}

/** The pending change from or to a key. */
export function pendingKeyChangeOf(db: Db, key: string, resourceType?: ResourceType): KeyChange | undefined {
  const row = db
    .prepare(
      `${selectPending} and :key in (from_key, to_key) and resource_type = coalesce(:resourceType, resource_type)`,
    )
    .get({ key, resourceType }) as KeyChangeRow | undefined;
  return row === undefined ? undefined : toKeyChange(row);
}

const selectPending = `
  select resource_type as resourceType, from_key as "from", to_key as "to", name, reason, since
  from key_change
  where state = 'pending'`;

interface KeyChangeRow {
  readonly resourceType: ResourceType;
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
