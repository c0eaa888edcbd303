import type { SourceRecord } from '../../model/record.ts';
import type { Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { toRecord, type RecordRow } from '../sqlite/rows.ts';
import type { BitSet } from '../mirror/bit-set.ts';
import type { KeyChangeRules } from './key-change-store-interface.ts';
import { foundPairs, recordFoundPairs, relinkPairs } from './found-pairs.ts';
import type { StagedUsers } from './key-change-candidates.ts';
import { openMemberComparison } from './member-comparison.ts';

const pageSize = 1000;

/**
 * Pairs the groups that are new in the staged reading with those that vanished, where both have one displayName and
 * mostly the same members. Fills the temporary table `group_pair`, and returns the number of pairs. Call it when the
 * pairs of users are known: a member whose key changed is the same member.
 *
 *     new groups ──────▶ displayNames ─┐
 *     vanished groups ─▶ displayNames ─┴▶ equal names ──▶ common members ──▶ pairs: each group once, most members first
 *                                                           ▲                  │
 *                                                           └──────────────────┘ groups that contain groups
 *
 * A group without members is recognised only where the keys of other records changed, too: alone, it is a new group
 * with a name that became free.
 *
 * The cost depends on the new and the vanished groups of one name, and is nothing where one side is empty.
 */
export function pairGroupKeyChanges(db: Db, staged: StagedUsers, rules: KeyChangeRules, hasUserPairs: boolean): number {
  db.exec('delete from group_name; delete from group_pair');
  if (nameNewGroups(db, rules) === 0) return 0;
  const candidates = db.prepare(`
    select n.key as "to", n.name
    from group_name n
    where n.folded = :folded
      and n.key <> :from
      and not exists (
        select 1
        from key_change c
        where c.resource_type = 'Group'
          and c.from_key = :from
          and c.to_key = n.key
          and c.state = 'different'
      )`);
  const insert = db.prepare(`
    insert or ignore into group_pair (from_key, to_key, name, reason)
    values (:from, :to, :name, :reason)`);
  const compareMembers = openMemberComparison(db);
  const groups = [...vanishedGroups(db, staged)].flatMap(({ id, ...group }) => {
    const folded = rules.groupNameOf(group)?.folded;
    return folded === undefined ? [] : [{ id, from: group.key, folded }];
  });
  const findPairs = (isWanted: (pair: SimilarGroups) => boolean): number => {
    const found: SimilarGroups[] = [];
    for (const { id, from, folded } of groups)
      for (const { to, name } of candidates.all({ folded, from }) as { to: string; name: string }[]) {
        const members = compareMembers({ id, from, to });
        const reason = rules.reasonOfGroup({ from, to, ...members });
        const isEmpty = members.before === 0 && members.now === 0;
        if (reason !== undefined) found.push({ from, to, name, reason, common: members.common, isEmpty });
      }
    // Of several groups with one name, those with the most common members are the same.
    return found
      .filter(isWanted)
      .toSorted((one, other) => other.common - one.common)
      .reduce((count, { common: _, isEmpty: __, ...pair }) => count + insert.run(pair).changes, 0);
  };
  // A group that was paired is a common member of the groups that contain it.
  while (findPairs(({ isEmpty }) => !isEmpty) > 0);
  const count = db.prepare('select count(*) from group_pair').pluck();
  if (hasUserPairs || (count.get() as number) > 0) findPairs(({ isEmpty }) => isEmpty);
  return count.get() as number;
}

interface SimilarGroups {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly reason: string;
  readonly common: number;
  readonly isEmpty: boolean;
}

/** @returns the number of new groups */
function nameNewGroups(db: Db, { groupNameOf }: KeyChangeRules): number {
  const page = db.prepare(`
    select resource_type, key, active, attributes
    from staged_record s
    where resource_type = 'Group'
      and key > ?
      and not exists (
        select 1
        from record r
        where r.resource_type = 'Group'
          and r.key = s.key
          and r.removed_in is null
      )
    order by key
    limit ${pageSize}`);
  const insert = db.prepare('insert or ignore into group_name (key, folded, name) values (?, ?, ?)');
  let count = 0;
  for (let rows = page.all('') as RecordRow[]; rows.length > 0; rows = page.all(rows.at(-1)?.key) as RecordRow[]) {
    count += rows.length;
    for (const group of rows.map(toRecord)) {
      const name = groupNameOf(group);
      if (name !== undefined) insert.run(group.key, name.folded, name.value);
    }
  }
  return count;
}

/** The groups that the reading removes from the mirror. */
function* vanishedGroups(
  db: Db,
  { extent, seenRecords }: StagedUsers,
): Iterable<SourceRecord & { readonly id: number }> {
  const page = db.prepare(`
    select r.id, r.resource_type, r.key, r.active, r.attributes
    from record r
    where r.resource_type = 'Group'
      and r.removed_in is null
      and r.id > ?
      and not exists (select 1 from staged_record s where s.resource_type = 'Group' and s.key = r.key)
      ${extent === 'full' ? '' : `and r.key in (select key from staged_removed where resource_type = 'Group')`}
    order by r.id
    limit ${pageSize}`);
  type Row = RecordRow & { readonly id: number };
  for (let rows = page.all(0) as Row[]; rows.length > 0; rows = page.all(rows.at(-1)?.id) as Row[])
    for (const row of rows) if (!seenRecords.has(row.id)) yield { ...toRecord(row), id: row.id };
}

/**
 * The new group counts as the old one under the old key, until an operator decides: its attributes and members are
 * taken over, and neither of the two is created or removed.
 */
export function withholdGroupKeyChanges(
  db: Db,
  { extent, seenRecords }: StagedUsers,
  seenMemberships: BitSet,
  at: Instant,
): void {
  const pairs = foundPairs(db, 'Group');
  const moves = [
    // Without a digest, the next reading does not take the row for an unchanged one.
    `update or replace staged_record set key = :from, digest = null, is_changed = 1
    where resource_type = 'Group' and key = :to`,
    `update or replace staged_handle set key = :from where resource_type = 'Group' and key = :to`,
    `update or replace staged_reference set key = :from where resource_type = 'Group' and key = :to`,
    `update or replace staged_membership set group_key = :from, digest = null where group_key = :to`,
    // The key of a member has no type: a user with this key is the member.
    `update or replace staged_membership
    set member_key = :from, digest = null
    where member_key = :to
      and not exists (select 1 from record where resource_type = 'User' and key = :to and removed_in is null)
      and not exists (select 1 from staged_record where resource_type = 'User' and key = :to)`,
  ].map((sql) => db.prepare(sql));
  const keep = db.prepare(`delete from staged_removed where resource_type = 'Group' and key = ?`);
  const memberships = db
    .prepare(
      `
      select m.id
      from staged_membership s
      join source_membership m on m.group_key = s.group_key
        and m.member_key = s.member_key
      where s.group_key = :from
      union
      select m.id
      from staged_membership s
      join source_membership m on m.group_key = s.group_key
        and m.member_key = s.member_key
      where s.member_key = :from`,
    )
    .pluck();
  for (const { from, to, id } of pairs) {
    for (const move of moves) move.run({ from, to });
    keep.run(from);
    for (const membership of memberships.all({ from }) as number[]) seenMemberships.add(membership);
    seenRecords.add(id);
  }
  recordFoundPairs(db, 'Group', extent, at);
}

/** Moves accounts and history of the pairs to their new keys. The staged rows of the new keys then belong to them. */
export function relinkFoundGroups(db: Db, seenRecords: BitSet, at: Instant): void {
  const pairs = foundPairs(db, 'Group');
  if (pairs.length > 0) relinkPairs(db, 'Group', pairs, seenRecords, at);
}
