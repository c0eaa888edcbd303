import type { Instant, RemoteId, SourceKey } from '../../model/ids.ts';
import { remoteId, sourceKey } from '../../model/ids.ts';
import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import { remoteIdAfter, type SnapshotChange } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { Member } from '../../model/operation.ts';
import { pathsInDoubt } from '../../model/in-doubt.ts';
import type { KnownState } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { toKnown, type AccountRow } from '../sqlite/rows.ts';
import { accountColumns } from './account-columns.ts';
import { openAccountRows, type AccountState } from './account-rows.ts';
import { openTotals } from '../totals.ts';

/** What one target last acknowledged: accounts and memberships. */
export type Snapshot = ReturnType<typeof openSnapshot>;

/** Opens the snapshot of a target. */
export function openSnapshot(db: Db, target: number) {
  const selectAccount = db.prepare(
    `select ${accountColumns} from account where target = ? and resource_type = ? and key = ?`,
  );
  const selectByName = db.prepare(
    `select ${accountColumns} from account where target = ? and resource_type = ? and name = ?
    and missing_since is null limit 10`,
  );
  const selectRemoteId = db
    .prepare(
      'select remote_id from account where target = ? and resource_type = ? and key = ? and missing_since is null',
    )
    .pluck();
  const selectOwner = db
    .prepare('select key from account where target = ? and resource_type = ? and remote_id = ?')
    .pluck();
  const selectInDoubt = db.prepare(
    `select ${accountColumns} from account where target = ? and in_doubt is not null limit ?`,
  );
  const totals = openTotals(db, target);
  const countMembers = db.prepare('select count(*) from membership where target = ? and group_key = ?').pluck();

  const accounts = openAccountRows(db, target);
  const deleteAccount = db.prepare('delete from account where target = ? and resource_type = ? and key = ?');
  const freeUniqueValues = db.prepare('delete from unique_value where target = ? and resource_type = ? and key = ?');
  const deleteMembersOf = db.prepare('delete from membership where target = ? and group_key = ?');
  const deleteMembershipsOf = db.prepare(
    'delete from membership where target = ? and member_type = ? and member_key = ?',
  );
  const addMember = db.prepare(
    'insert or ignore into membership (target, group_key, member_type, member_key) values (?, ?, ?, ?)',
  );
  const removeMember = db.prepare(
    'delete from membership where target = ? and group_key = ? and member_type = ? and member_key = ?',
  );
  const updateInDoubt = db.prepare(
    'update account set in_doubt = ? where target = ? and resource_type = ? and key = ?',
  );
  const markMissing = db.prepare(`
    update account set missing_since = coalesce(missing_since, ?), in_doubt = null, version = null
    where target = ? and resource_type = ? and key = ?`);
  const setDeletionRefused = db.prepare(
    'update account set deletion_refused_at = ? where target = ? and resource_type = ? and key = ?',
  );
  const setUnprovenRemovals = db.prepare(`update account set unproven_removals = ?
    where target = ? and resource_type = ? and key = ?`);
  const markMembershipInDoubt =
    db.prepare(`insert into requeue_membership (target, group_key, member_key, in_doubt) values (?, ?, ?, 1)
    on conflict (target, group_key, member_key) do update set in_doubt = 1`);
  const markMembersOfInDoubt = db.prepare(`
    insert into requeue_membership (target, group_key, member_key, in_doubt)
    select target, group_key, member_key, 1 from membership where target = ? and group_key = ?
    on conflict (target, group_key, member_key) do update set in_doubt = 1`);
  const clearMembershipInDoubt = db.prepare(
    'update requeue_membership set in_doubt = 0 where target = ? and group_key = ? and member_key = ?',
  );
  const clearInDoubtOfMember = db.prepare(`
    update requeue_membership indexed by requeue_membership_in_doubt
    set in_doubt = 0
    where target = ?
      and member_key = ?
      and in_doubt = 1`);
  const clearInDoubtOfGroup = db.prepare(
    'update requeue_membership set in_doubt = 0 where target = ? and group_key = ? and in_doubt = 1',
  );
  // The manager's account was replaced or deleted, so references to its id are void at the target and must be sent
  // again.
  const markReferenceInDoubt = db.prepare(`
    update account
    set in_doubt = json_insert(coalesce(in_doubt, '[]'), '$[#]', ?)
    where target = ?
      and manager = ?
      and not exists (select 1 from json_each(coalesce(in_doubt, '[]')) where value = ?)`);
  const setVersion = db.prepare('update account set version = ? where target = ? and resource_type = ? and key = ?');

  const known = (resourceType: ResourceType, key: SourceKey): KnownState | undefined => {
    const row = selectAccount.get(target, resourceType, key) as AccountRow | undefined;
    return row === undefined ? undefined : toKnown(row);
  };
  const remoteIdOf = (resourceType: ResourceType, key: SourceKey): RemoteId | undefined => {
    const id = selectRemoteId.get(target, resourceType, key) as string | undefined;
    return id === undefined ? undefined : remoteId(id);
  };
  const owner = (resourceType: ResourceType, id: RemoteId): SourceKey | undefined => {
    const key = selectOwner.get(target, resourceType, id) as string | undefined;
    return key === undefined ? undefined : sourceKey(key);
  };

  const markReferrersInDoubt = (resourceType: ResourceType, key: SourceKey): void => {
    if (resourceType === 'User') markReferenceInDoubt.run(managerPath, target, key, managerPath);
  };
  /** Forgets what refers to an account that the target does not have. */
  const forgetReferences = (resourceType: ResourceType, key: SourceKey): void => {
    markReferrersInDoubt(resourceType, key);
    if (resourceType === 'Group') {
      deleteMembersOf.run(target, key);
      clearInDoubtOfGroup.run(target, key);
    }
    deleteMembershipsOf.run(target, resourceType, key);
    clearInDoubtOfMember.run(target, key);
  };
  const markMembersInDoubt = (group: SourceKey, members: readonly Member[]): void => {
    // A user without an account cannot have been sent as a member.
    for (const member of members)
      if (remoteIdOf(member.resourceType, member.key) !== undefined)
        markMembershipInDoubt.run(target, group, member.key);
  };
  const rememberAccount = (
    resourceType: ResourceType,
    key: SourceKey,
    change: Extract<SnapshotChange, { kind: 'remember' }>,
    now: Instant,
  ): void => {
    const before = known(resourceType, key);
    const previousId = before?.missingSince === undefined ? before?.remoteId : undefined;
    const id = remoteIdAfter(change, previousId);
    if (id === undefined) return;
    if (before !== undefined && id !== before.remoteId) markReferrersInDoubt(resourceType, key);
    accounts.save(
      resourceType,
      key,
      {
        remoteId: id,
        body: change.body,
        active: change.active,
        version: change.version,
        origin: before?.origin ?? 'created',
        inDoubt: pathsInDoubt(before?.inDoubt ?? [], change.inDoubt),
        mayHaveDuplicates: change.mayHaveDuplicates === true,
        awaitsStart: resourceType === 'User' && previousId === undefined && !change.active,
      },
      now,
    );
    if (change.deletionRefused === true) setDeletionRefused.run(now, target, resourceType, key);
  };
  const adopt = (
    resourceType: ResourceType,
    key: SourceKey,
    { resource, mayHaveDuplicates }: Extract<SnapshotChange, { kind: 'adopt' }>,
    now: Instant,
  ): void => {
    const hasIdChanged = ![undefined, resource.remoteId].includes(known(resourceType, key)?.remoteId);
    if (hasIdChanged) markReferrersInDoubt(resourceType, key);
    // Another group: the members of the old one are known, and only those that the new one shows are its members.
    if (hasIdChanged && resourceType === 'Group') markMembersOfInDoubt.run(target, key);
    accounts.save(
      resourceType,
      key,
      {
        remoteId: resource.remoteId,
        body: resource.body,
        active: resource.active,
        version: resource.version,
        origin: 'adopted',
        inDoubt: [],
        mayHaveDuplicates: mayHaveDuplicates === true,
        awaitsStart: false,
      },
      now,
    );
    for (const id of resource.members ?? []) {
      // Leave members alone that no record owns: a membership without a row in the snapshot is not removed.
      const memberType = resourceTypes.find((candidate) => owner(candidate, id) !== undefined);
      const member = memberType === undefined ? undefined : owner(memberType, id);
      if (member === undefined) continue;
      addMember.run(target, key, memberType, member);
      clearMembershipInDoubt.run(target, key, member);
    }
  };

  return {
    known,
    owner,
    knownByName: (resourceType: ResourceType, foldedName: string): readonly KnownState[] =>
      (selectByName.all(target, resourceType, foldedName) as AccountRow[]).map(toKnown),
    remoteIdOf,
    /** Accounts in doubt: it is not known which values the target holds. */
    inDoubt: (limit: number): readonly KnownState[] => (selectInDoubt.all(target, limit) as AccountRow[]).map(toKnown),
    countMembers: (group: SourceKey): number => countMembers.get(target, group) as number,
    totals,

    /**
     * Adds the account of a create that was acknowledged, which no record owns. Nothing is written if the record has
     * another account already. @returns whether it was added
     */
    addAccount(resourceType: ResourceType, key: SourceKey, change: SnapshotChange, now: Instant): boolean {
      if (change.kind !== 'remember' || change.remoteId === undefined) return false;
      if (change.deletionRefused !== undefined || change.unprovenRemovals !== undefined) return false;
      const { remoteId: id, body, active, version, inDoubt } = change;
      const account: AccountState = {
        ...{ remoteId: id, body, active, version, origin: 'created' },
        inDoubt: pathsInDoubt([], inDoubt),
        mayHaveDuplicates: change.mayHaveDuplicates === true,
        awaitsStart: resourceType === 'User' && !active,
      };
      return accounts.add(resourceType, key, account, now);
    },

    /** Applies the change that `settle` derived from a response. */
    apply(resourceType: ResourceType, key: SourceKey, change: SnapshotChange, now: Instant): void {
      applyChange(resourceType, key, change, now);
      if ('unprovenRemovals' in change && change.unprovenRemovals !== undefined)
        setUnprovenRemovals.run(change.unprovenRemovals, target, resourceType, key);
    },
  };

  function applyChange(resourceType: ResourceType, key: SourceKey, change: SnapshotChange, now: Instant): void {
    switch (change.kind) {
      case 'keep':
        return;
      case 'inDoubt':
        updateInDoubt.run(
          JSON.stringify([...new Set([...(known(resourceType, key)?.inDoubt ?? []), ...change.paths])]),
          target,
          resourceType,
          key,
        );
        return;
      case 'membersInDoubt':
        markMembersInDoubt(key, change.members);
        return;
      case 'forget':
        deleteAccount.run(target, resourceType, key);
        freeUniqueValues.run(target, resourceType, key);
        forgetReferences(resourceType, key);
        return;
      case 'missing':
        markMissing.run(now, target, resourceType, key);
        forgetReferences(resourceType, key);
        return;
      case 'remember':
        rememberAccount(resourceType, key, change, now);
        return;
      case 'adopt':
        adopt(resourceType, key, change, now);
        return;
      case 'members':
        for (const member of change.removed) removeMember.run(target, key, member.resourceType, member.key);
        for (const member of change.added) addMember.run(target, key, member.resourceType, member.key);
        markMembersInDoubt(key, change.inDoubt ?? []);
        setVersion.run(change.version ?? null, target, resourceType, key);
        if (change.deletionRefused === true) setDeletionRefused.run(now, target, resourceType, key);
        // The next deletion of the group ends access again.
        else if (change.added.length > 0) setDeletionRefused.run(null, target, resourceType, key);
    }
  }
}
