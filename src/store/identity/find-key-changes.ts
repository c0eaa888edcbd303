import type { Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { pairGroupKeyChanges, relinkFoundGroups, withholdGroupKeyChanges } from './group-key-changes.ts';
import type { FoundKeyChanges, KeyChangeRules } from './key-change-store-interface.ts';
import type { StagedUsers } from './key-change-candidates.ts';
import { countReusedKeys, pairKeyChanges, relinkFoundChanges, withholdKeyChanges } from './key-changes.ts';

/** Pairs users first: a member of a group whose key changed is the same member. */
export function findKeyChanges(db: Db, staged: StagedUsers, rules: KeyChangeRules): FoundKeyChanges {
  const users = pairKeyChanges(db, staged, rules);
  const groups = staged.groupsFromColumn ? 0 : pairGroupKeyChanges(db, staged, rules, users > 0);
  return { users, groups, reusedKeys: countReusedKeys(db) };
}

/**
 * Keeps the pairs that were found last under their old keys until an operator decides.
 *
 * @returns the number of users that the reading has fewer than it counted
 */
export function withholdFoundChanges(db: Db, staged: StagedUsers, at: Instant): number {
  const hasPairs = db.prepare('select exists (select 1 from key_pair) or exists (select 1 from group_pair)').pluck();
  // Pairs are looked for by member; a reading without pairs does not pay for the index.
  if (hasPairs.get() === 1) db.exec('create index temp.staged_membership_by_member on staged_membership (member_key)');
  const surplus = withholdKeyChanges(db, staged, at);
  withholdGroupKeyChanges(db, staged, staged.seenMemberships, at);
  db.exec('drop index if exists temp.staged_membership_by_member');
  return surplus;
}

/** Moves accounts and history of the pairs that were found last to their new keys. */
export function relinkAllFoundChanges(db: Db, staged: StagedUsers, at: Instant): void {
  relinkFoundChanges(db, staged, at);
  relinkFoundGroups(db, staged.seenRecords, at);
}
