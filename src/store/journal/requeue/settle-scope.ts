import type { Db } from '../../database.ts';
import { createDidNotEnd } from '../unanswered-creates.ts';

/** Takes what a round evaluated off the queue, except what is in doubt. */
export function settleScope(
  db: Db,
  round: { readonly pass: number; readonly target: number; readonly round: number },
  onlyFollowUps: string,
): void {
  // A look-up of a user whose create was never sent ends with the comparison of users without access. Without an answer
  // it left nothing in doubt that a later pass would look up.
  db.prepare(
    `update requeue set verify_first = 0 where target = :target and verify_first = 1 ${onlyFollowUps} and not exists (
      select 1 from operation indexed by operation_by_key where key = requeue.key
        and resource_type = requeue.resource_type and target = :target and action = 'create' and ${createDidNotEnd}
    )`,
  ).run(round);
  // A record that failed earlier in this pass, or is tried in a later one, is not planned: it stays on the list.
  db.prepare(
    `delete from requeue where target = :target and verify_first = 0 ${onlyFollowUps} and not exists (
      select 1 from operation o indexed by operation_by_key where o.key = requeue.key
        and o.resource_type = requeue.resource_type and o.pass = :pass and o.target = :target and o.round < :round
        and o.action <> 'members' and o.state in ('failed', 'unknown')
    ) and not exists (
      select 1 from retry t where t.target = :target and t.resource_type = requeue.resource_type
        and t.key = requeue.key and t.member_key = '' and t.next_pass > :pass
    )`,
  ).run(round);
  db.prepare('update requeue set this_pass = 0 where target = ?').run(round.target);
  db.prepare(
    `delete from requeue_membership where target = ? and in_doubt = 0 ${onlyFollowUps} and not exists (
      select 1 from retry t where t.target = requeue_membership.target and t.resource_type = 'Group'
        and t.key = requeue_membership.group_key and t.member_key = requeue_membership.member_key
        and t.next_pass > ?
    )`,
  ).run(round.target, round.pass);
  db.prepare('update requeue_membership set this_pass = 0 where target = ?').run(round.target);
}
