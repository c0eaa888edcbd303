import type { SourceKey } from '../model/ids.ts';
import type { MembersOperation, Operation, ResourceOperation } from '../model/operation.ts';
import type { Outcome, SnapshotChange } from '../model/outcome.ts';
import type { Db } from './database.ts';
import type { Due } from './store.ts';

export interface Answered {
  readonly outcome: Outcome;
  readonly change: SnapshotChange;
  readonly due: Due;
  /** The target had no account for this record before this answer. */
  readonly isNew: boolean;
  /** It had one, which is gone, or another one now. */
  readonly isMoved: boolean;
  readonly dropsRefused: boolean;
}

/** The row of the journal that was answered. */
export interface Which {
  readonly pass: number;
  readonly target: number;
  readonly id: number;
}

/** Keeps the list of what must be looked at again in step with every answer. */
export function openAftermath(db: Db) {
  // An account may have two operations in a pass, a deactivation and a freed name: one that succeeds does not settle the other.
  // Without its hint SQLite would walk through all operations of the pass, for every answer.
  const settle = db.prepare(`delete from due where target = :target and kind = :kind and key = :key
    and not exists (select 1 from operation o indexed by operation_by_key where o.key = :key and o.kind = :kind and o.pass = :pass and o.target = :target and o.id <> :id
      and o.action <> 'members' and o.state not in ('done', 'adopted'))`);
  const keep =
    db.prepare(`insert into due (target, kind, key, follow_up, uncertain) values (:target, :kind, :key, :followUp, :uncertain)
    on conflict (target, kind, key) do update set follow_up = max(follow_up, :followUp), uncertain = max(:uncertain, iif(:wasAsked = 1, 0, uncertain))`);
  const settleEdge = db.prepare('delete from due_edge where target = ? and group_key = ? and member_key = ?');
  const followWaiting =
    db.prepare(`insert into due (target, kind, key, follow_up) select target, 'User', key, 1 from waiting where target = ? and manager = ?
    on conflict (target, kind, key) do update set follow_up = 1`);
  const againReferrers =
    db.prepare(`insert into due (target, kind, key, follow_up) select target, 'User', key, :followUp from account where target = :target and manager = :key
    on conflict (target, kind, key) do update set follow_up = max(follow_up, :followUp)`);
  const followEdges = db.prepare(`insert into due_edge (target, group_key, member_key, follow_up)
    select :target, group_key, member_key, 1 from edge where group_key = :key and gone is null
    union select target, group_key, member_key, 1 from membership where target = :target and group_key = :key
    on conflict (target, group_key, member_key) do update set follow_up = 1`);
  const wasRefused = db
    .prepare(
      `select state = 'failed' and status between 400 and 499 from operation indexed by operation_by_key where key = :key and kind = 'User' and target = :target and id < :id
    and action <> 'members' and state in ('done', 'adopted', 'failed') order by id desc limit 1`,
    )
    .pluck();
  const againEdges = db.prepare(`insert into due_edge (target, group_key, member_key, follow_up, doubtful)
    select target, group_key, member_key, 1, 1 from membership where target = :target and member_kind = 'User' and member_key = :key
    on conflict (target, group_key, member_key) do update set follow_up = 1, doubtful = 1`);
  // May have been sent in one Bulk request with the create itself: nobody could note it of somebody who was not known to be there.
  const againUnanswered = db.prepare(`insert into due_edge (target, group_key, member_key, follow_up, doubtful)
    select distinct o.target, o.key, m.key, 1, 1 from operation_member m indexed by operation_member_by_key join operation o on o.id = m.operation
    where m.key = :key and m.kind = 'User' and m.removed = 0 and o.target = :target and (o.state = 'unknown' or (o.state = 'failed' and o.requests > 0))
    on conflict (target, group_key, member_key) do update set follow_up = 1, doubtful = 1`);

  return {
    record(which: Which, operation: Operation, answered: Answered): void {
      if (operation.action === 'members') recordMembers(which.target, operation, answered.change);
      else {
        recordResource(which, operation, answered);
        raise(which, operation, answered);
      }
    },
  };

  function recordMembers(target: number, { kind, key }: MembersOperation, change: SnapshotChange): void {
    if (change.kind === 'members')
      for (const member of [...change.added, ...change.removed]) settleEdge.run(target, key, member.key);
    // The group is not there any more: it has to be created, and nothing in the source will say so.
    if (change.kind === 'forget') keep.run({ target, kind, key, followUp: 0, uncertain: 0, wasAsked: 1 });
  }

  function recordResource(
    { pass, target, id }: Which,
    { kind, key }: ResourceOperation,
    { outcome, due }: Answered,
  ): void {
    if (due === 'settled') {
      settle.run({ pass, target, id, kind, key });
      return;
    }
    // Who did not get to ask knows no more than before: an earlier create that was never answered stays uncertain.
    const wasAsked = outcome.kind !== 'unavailable' && outcome.kind !== 'skipped';
    keep.run({
      target,
      kind,
      key,
      followUp: due === 'followUp' ? 1 : 0,
      uncertain: due === 'uncertain' ? 1 : 0,
      wasAsked: wasAsked ? 1 : 0,
    });
  }

  /** What an answer means for others. */
  function raise(which: Which, { kind, key }: ResourceOperation, answered: Answered): void {
    if (kind === 'User') raisePerson(which, key, answered);
    // Who is in an adopted group is known only now.
    else if (answered.change.kind === 'adopt') followEdges.run({ target: which.target, key });
  }

  function raisePerson(
    { target, id }: Which,
    key: SourceKey,
    { change, isNew, isMoved, dropsRefused }: Answered,
  ): void {
    const isHere = change.kind === 'remember' || change.kind === 'adopt';
    if (isMoved) againReferrers.run({ target, key, followUp: isHere ? 1 : 0 });
    if (!isHere) return;
    if (isNew) followWaiting.run(target, key);
    if (change.kind === 'adopt') againUnanswered.run({ target, key });
    if (isMoved || (dropsRefused && wasRefused.get({ target, key, id }) === 1)) againEdges.run({ target, key });
  }
}
