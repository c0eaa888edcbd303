import type { SourceKey } from '../../model/ids.ts';
import type { MembersOperation, Operation, ResourceOperation } from '../../model/operation.ts';
import type { Outcome, SnapshotChange } from '../../model/outcome.ts';
import type { Db } from '../database.ts';
import type { FollowUp } from '../store.ts';

export interface RecordedResult {
  readonly outcome: Outcome;
  readonly change: SnapshotChange;
  readonly followUp: FollowUp;
  /** The target had no account for this record before this answer. */
  readonly isNew: boolean;
  /** It had one, which is gone, or another one now. */
  readonly hasIdChanged: boolean;
  readonly dropsRefusedMembers: boolean;
}

/** The row of the journal that was answered. */
export interface OperationRef {
  readonly pass: number;
  readonly target: number;
  readonly id: number;
}

/** Keeps the list of what must be looked at again in step with every answer. */
export function createFollowUps(db: Db) {
  // An account may have two operations in a pass, a deactivation and a freed name: one that succeeds does not settle the other.
  // Without its hint SQLite would walk through all operations of the pass, for every answer.
  const deleteRequeue =
    db.prepare(`delete from requeue where target = :target and resource_type = :resourceType and key = :key
    and not exists (select 1 from operation o indexed by operation_by_key where o.key = :key and o.resource_type = :resourceType and o.pass = :pass and o.target = :target and o.id <> :id
      and o.action <> 'members' and o.state not in ('done', 'adopted'))`);
  const upsertRequeue =
    db.prepare(`insert into requeue (target, resource_type, key, this_pass, verify_first) values (:target, :resourceType, :key, :thisPass, :verifyFirst)
    on conflict (target, resource_type, key) do update set this_pass = max(this_pass, :thisPass), verify_first = max(:verifyFirst, iif(:wasAsked = 1, 0, verify_first))`);
  const deleteMembershipRequeue = db.prepare(
    'delete from requeue_membership where target = ? and group_key = ? and member_key = ?',
  );
  const requeueWaitingUsers =
    db.prepare(`insert into requeue (target, resource_type, key, this_pass) select target, 'User', key, 1 from pending_manager where target = ? and manager = ?
    on conflict (target, resource_type, key) do update set this_pass = 1`);
  const requeueReferrers =
    db.prepare(`insert into requeue (target, resource_type, key, this_pass) select target, 'User', key, :thisPass from account where target = :target and manager = :key
    on conflict (target, resource_type, key) do update set this_pass = max(this_pass, :thisPass)`);
  const requeueGroupMemberships = db.prepare(`insert into requeue_membership (target, group_key, member_key, this_pass)
    select :target, group_key, member_key, 1 from source_membership where group_key = :key and removed_in is null
    union select target, group_key, member_key, 1 from membership where target = :target and group_key = :key
    on conflict (target, group_key, member_key) do update set this_pass = 1`);
  const selectWasRefused = db
    .prepare(
      `select state = 'failed' and status between 400 and 499 from operation indexed by operation_by_key where key = :key and resource_type = 'User' and target = :target and id < :id
    and action <> 'members' and state in ('done', 'adopted', 'failed') order by id desc limit 1`,
    )
    .pluck();
  const requeueMemberships =
    db.prepare(`insert into requeue_membership (target, group_key, member_key, this_pass, in_doubt)
    select target, group_key, member_key, 1, 1 from membership where target = :target and member_type = 'User' and member_key = :key
    on conflict (target, group_key, member_key) do update set this_pass = 1, in_doubt = 1`);
  // May have been sent in one Bulk request with the create itself: nobody could note it of somebody who was not known to be there.
  const requeueUnansweredMemberships =
    db.prepare(`insert into requeue_membership (target, group_key, member_key, this_pass, in_doubt)
    select distinct o.target, o.key, m.key, 1, 1 from operation_member m indexed by operation_member_by_key join operation o on o.id = m.operation
    where m.key = :key and m.resource_type = 'User' and m.removed = 0 and o.target = :target and (o.state = 'unknown' or (o.state = 'failed' and o.requests > 0))
    on conflict (target, group_key, member_key) do update set this_pass = 1, in_doubt = 1`);

  return {
    record(ref: OperationRef, operation: Operation, result: RecordedResult): void {
      if (operation.action === 'members') recordMembers(ref.target, operation, result.change);
      else {
        recordResource(ref, operation, result);
        enqueueDependents(ref, operation, result);
      }
    },
  };

  function recordMembers(target: number, { resourceType, key }: MembersOperation, change: SnapshotChange): void {
    if (change.kind === 'members')
      for (const member of [...change.added, ...change.removed]) deleteMembershipRequeue.run(target, key, member.key);
    // The group is not there any more: it has to be created, and nothing in the source will say so.
    if (change.kind === 'forget')
      upsertRequeue.run({ target, resourceType, key, thisPass: 0, verifyFirst: 0, wasAsked: 1 });
  }

  function recordResource(
    { pass, target, id }: OperationRef,
    { resourceType, key }: ResourceOperation,
    { outcome, followUp }: RecordedResult,
  ): void {
    if (followUp === 'none') {
      deleteRequeue.run({ pass, target, id, resourceType, key });
      return;
    }
    // Who did not get to ask knows no more than before: an earlier create that was never answered is still looked up first.
    const wasAttempted = outcome.kind !== 'unavailable' && outcome.kind !== 'skipped';
    upsertRequeue.run({
      target,
      resourceType,
      key,
      thisPass: followUp === 'thisPass' ? 1 : 0,
      verifyFirst: followUp === 'verifyFirst' ? 1 : 0,
      wasAsked: wasAttempted ? 1 : 0,
    });
  }

  /** What an answer means for others. */
  function enqueueDependents(
    ref: OperationRef,
    { resourceType, key }: ResourceOperation,
    result: RecordedResult,
  ): void {
    if (resourceType === 'User') enqueueUserDependents(ref, key, result);
    // Who is in an adopted group is known only now.
    else if (result.change.kind === 'adopt') requeueGroupMemberships.run({ target: ref.target, key });
  }

  function enqueueUserDependents(
    { target, id }: OperationRef,
    key: SourceKey,
    { change, isNew, hasIdChanged, dropsRefusedMembers }: RecordedResult,
  ): void {
    const isPresent = change.kind === 'remember' || change.kind === 'adopt';
    if (hasIdChanged) requeueReferrers.run({ target, key, thisPass: isPresent ? 1 : 0 });
    if (!isPresent) return;
    if (isNew) requeueWaitingUsers.run(target, key);
    if (change.kind === 'adopt') requeueUnansweredMemberships.run({ target, key });
    if (hasIdChanged || (dropsRefusedMembers && selectWasRefused.get({ target, key, id }) === 1))
      requeueMemberships.run({ target, key });
  }
}
