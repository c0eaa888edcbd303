import type { Statement } from 'better-sqlite3';
import type { SourceKey } from '../../../model/ids.ts';
import type { Requeue } from '../../../model/requeue.ts';
import { uniqueNameAttribute, type ResourceType } from '../../../model/resource-type.ts';
import { assertNever } from '../../../model/errors.ts';
import type { Db } from '../../database.ts';
import { settleNews } from '../news/requeue-news.ts';
import { isSuperseded } from '../news/supersede.ts';
import { settleScope } from './settle-scope.ts';
import type { PlanningScope } from '../../store.ts';

/** The operation that the response belongs to. */
export interface AnsweredOperation {
  readonly pass: number;
  readonly target: number;
  readonly id: number;
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}

/** In place of an operation, for a requeue after a reading: it is later than all operations. */
export const noOperation: Pick<AnsweredOperation, 'pass' | 'id'> = { pass: 0, id: Number.MAX_SAFE_INTEGER };

/** Writes the records and memberships that must be evaluated again: the tables requeue and requeue_membership. */
export function openRequeue(db: Db): (operation: AnsweredOperation, requeue: Requeue) => void {
  // A user may have two operations in a pass, a deactivation and a release of the userName. The success of one leaves
  // the user requeued while the other has not succeeded. The response to another record may also have requeued the user
  // for the next round (`this_pass`), or may have put one of its values in doubt: the manager has got another id.
  // Without the hint SQLite scans all operations of the pass for each response.
  const settleRecord = db.prepare(`
    delete from requeue
    where target = :target
      and resource_type = :resourceType
      and key = :key
      and this_pass = 0
      and not exists (
        select 1
        from account a
        where a.target = :target
          and a.resource_type = :resourceType
          and a.key = :key
          and a.in_doubt is not null
      )
      and not exists (
        select 1
        from operation o indexed by operation_by_key
        where o.key = :key
          and o.resource_type = :resourceType
          and o.pass = :pass
          and o.target = :target
          and o.id <> :id
          and o.action <> 'members'
          and o.state not in ('done', 'adopted')
          and not ${isSuperseded('o')}
      )`);
  const upsertRecord = db.prepare(`
    insert into requeue (target, resource_type, key, this_pass, verify_first)
    values (:target, :resourceType, :key, :thisPass, coalesce(:verifyFirst, 0))
    on conflict (target, resource_type, key) do update set this_pass = max(this_pass, :thisPass),
      verify_first = coalesce(:verifyFirst, verify_first)`);
  const markInDoubt = db.prepare(`
    update account
    set in_doubt = (
      select json_group_array(value)
      from (select value from json_each(coalesce(in_doubt, '[]')) union select :path)
    )
    where target = :target
      and resource_type = :resourceType
      and key = :key`);
  const settleMembership = db.prepare(
    'delete from requeue_membership where target = ? and group_key = ? and member_key = ?',
  );
  const upsertPendingManagerOf = db.prepare(`
    insert into requeue (target, resource_type, key, this_pass)
    select target, 'User', key, 1
    from pending_manager
    where target = :target
      and manager = :key
    on conflict (target, resource_type, key) do update set this_pass = 1`);
  const upsertReferrersOf = db.prepare(`
    insert into requeue (target, resource_type, key, this_pass)
    select target, 'User', key, :thisPass
    from account
    where target = :target
      and manager = :key
    on conflict (target, resource_type, key) do update set this_pass = max(this_pass, :thisPass)`);
  const upsertMembersOf = db.prepare(`insert into requeue_membership (target, group_key, member_key, this_pass)
    select :target, group_key, member_key, 1 from source_membership where group_key = :key and removed_in is null
    union select target, group_key, member_key, 1 from membership where target = :target and group_key = :key
    on conflict (target, group_key, member_key) do update set this_pass = 1`);
  const upsertMembersInDoubt = db.prepare(`
    insert into requeue_membership (target, group_key, member_key, this_pass, in_doubt)
    select target, group_key, member_key, 1, 1
    from membership
    where target = :target
      and group_key = :key
    on conflict (target, group_key, member_key) do update set this_pass = 1, in_doubt = 1`);
  const selectWasRefused = db
    .prepare(
      `
      select state = 'failed'
        and status between 400 and 499
      from operation indexed by operation_by_key
      where key = :key
        and resource_type = 'User'
        and target = :target
        and id < :id
        and action <> 'members'
        and state in ('done', 'adopted', 'failed')
      order by id desc
      limit 1`,
    )
    .pluck();
  const upsertMembershipsOf = db.prepare(`
    insert into requeue_membership (target, group_key, member_key, this_pass, in_doubt)
    select target, group_key, member_key, 1, 1
    from membership
    where target = :target
      and member_type = 'User'
      and member_key = :key
    on conflict (target, group_key, member_key) do update set this_pass = 1, in_doubt = 1`);
  /** Requeues, as in doubt, the memberships of a user in the operations that fulfil the condition. */
  const requeueMembers = (condition: string): Statement =>
    db.prepare(`
    insert into requeue_membership (target, group_key, member_key, this_pass, in_doubt)
    select distinct o.target, o.key, m.key, 1, 1
    from operation_member m indexed by operation_member_by_key
    join operation o on o.id = m.operation
    where m.key = :key
      and m.resource_type = 'User'
      and o.target = :target
      and ${condition}
    on conflict (target, group_key, member_key) do update set this_pass = 1, in_doubt = 1`);
  // Since the account was last seen under its old id, removals may have named an id that was no member any more.
  const upsertRemovedMembershipsOf = requeueMembers(`m.removed = 1
      and o.state in ('done', 'failed')
      and o.answered_at >= coalesce(
        (
          select max(l.answered_at)
          from operation l indexed by operation_by_key
          where l.key = :key
            and l.resource_type = 'User'
            and l.target = :target
            and l.action <> 'members'
            and l.state in ('done', 'adopted')
            and l.id < :id
        ),
        0
      )`);
  // Such a membership may have been in one Bulk request with the create. The user had no account then, so the snapshot
  // could not record the membership as in doubt.
  const upsertUnansweredMembershipsOf = requeueMembers(`m.removed = 0
      and (o.state = 'unknown' or (o.state = 'failed' and o.requests > 0))`);
  const postponeAdditions = openPostponeAdditions(db);

  return ({ pass, target, id, resourceType, key }, requeue) => {
    switch (requeue.kind) {
      case 'record': {
        const verifyFirst = requeue.verifyFirst === 'unchanged' ? null : Number(requeue.verifyFirst);
        upsertRecord.run({ target, resourceType, key, thisPass: thisPass(requeue.at), verifyFirst });
        return;
      }
      case 'recordSettled':
        settleRecord.run({ pass, target, id, resourceType, key });
        return;
      case 'accountsInDoubt':
        for (const { resourceType: type, key: account } of requeue.accounts)
          markInDoubt.run({ target, resourceType: type, key: account, path: uniqueNameAttribute(type) });
        return;
      case 'membershipsSettled':
        for (const member of requeue.members) settleMembership.run(target, key, member.key);
        return;
      case 'pendingManagerOf':
        upsertPendingManagerOf.run({ target, key });
        return;
      case 'referrersOf':
        upsertReferrersOf.run({ target, key, thisPass: thisPass(requeue.at) });
        return;
      case 'membersOf':
        upsertMembersOf.run({ target, key });
        if (requeue.areInDoubt === true) upsertMembersInDoubt.run({ target, key });
        return;
      case 'membershipsOf':
        if (!requeue.ifRefusedBefore || selectWasRefused.get({ target, key, id }) === 1)
          upsertMembershipsOf.run({ target, key });
        if (!requeue.ifRefusedBefore) upsertRemovedMembershipsOf.run({ target, key, id });
        return;
      case 'plannedAdditionsOf':
        postponeAdditions({ pass, target, key });
        return;
      case 'unansweredMembershipsOf':
        upsertUnansweredMembershipsOf.run({ target, key });
        return;
      default:
        assertNever(requeue);
    }
  };
}

/** Moves the additions of a user that a round plans, and has not sent, to the next round of the pass. */
function openPostponeAdditions(
  db: Db,
): (user: { readonly pass: number; readonly target: number; readonly key: SourceKey }) => void {
  const selectAdditions = db.prepare(`
    select o.id as operation, o.key as "group"
    from operation_member m indexed by operation_member_by_key
    join operation o on o.id = m.operation
    where m.key = :key
      and m.resource_type = 'User'
      and m.removed = 0
      and o.pass = :pass
      and o.target = :target
      and o.action = 'members'
      and o.state = 'planned'`);
  const requeueMembership = db.prepare(`
    insert into requeue_membership (target, group_key, member_key, this_pass)
    values (?, ?, ?, 1)
    on conflict (target, group_key, member_key) do update set this_pass = 1`);
  const deleteMember = db.prepare(
    `delete from operation_member where operation = ? and removed = 0 and resource_type = 'User' and key = ?`,
  );
  const deleteEmpty = db.prepare(`
    delete from operation
    where id = ?
      and not exists (select 1 from operation_member where operation = operation.id)`);
  return ({ pass, target, key }) => {
    const additions = selectAdditions.all({ pass, target, key }) as { operation: number; group: string }[];
    for (const { operation, group } of additions) {
      requeueMembership.run(target, group, key);
      deleteMember.run(operation, key);
      deleteEmpty.run(operation);
    }
  };
}

const thisPass = (at: 'thisPass' | 'nextPass'): number => (at === 'thisPass' ? 1 : 0);

/**
 * Requeues what a round planned until there is a response. The rest of its scope leaves the queue, except what is in
 * doubt.
 *
 * @param scope undefined: nothing leaves the queue
 */
export function requeuePlanned(
  db: Db,
  round: { readonly pass: number; readonly target: number; readonly round: number },
  scope: PlanningScope | undefined,
): void {
  if (scope?.kind === 'news') settleNews(db, { pass: round.pass, target: round.target });
  else if (scope !== undefined && scope.kind !== 'removals')
    settleScope(db, round, scope.kind === 'followUp' ? 'and this_pass = 1' : '');
  db.prepare(
    `insert or ignore into requeue (target, resource_type, key) select target, resource_type, key from operation
    where pass = :pass and target = :target and round = :round and action <> 'members'`,
  ).run(round);
  db.prepare(
    `insert or ignore into requeue (target, resource_type, key) select target, resource_type, key from note
    where pass = :pass and target = :target and problem = 1`,
  ).run({ pass: round.pass, target: round.target });
  db.prepare(
    `
    insert or ignore into requeue_membership (target, group_key, member_key)
    select o.target, o.key, m.key
    from operation o
    join operation_member m on m.operation = o.id
    where o.pass = :pass
      and o.target = :target
      and o.round = :round
      and o.action = 'members'`,
  ).run(round);
}
