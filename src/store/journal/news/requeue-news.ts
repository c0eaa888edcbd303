import type { Db } from '../../database.ts';

/** Whether an operation `o` is still to be settled by an answer, an approval or another pass. */
const isOpen = `o.pass = :pass and o.target = :target and o.state in ('sent', 'held', 'failed', 'unknown')`;

/**
 * Takes the candidates of news off the queue of a target: the operations that put them there are superseded. The rest
 * of the queue belongs to the earlier rounds of the pass.
 */
export function settleNews(db: Db, round: { readonly pass: number; readonly target: number }): void {
  db.prepare(
    `
    delete from requeue
    where target = :target
      and (resource_type, key) in (select resource_type, key from candidate)
      and verify_first = 0
      and this_pass = 0
      and not exists (
        select 1
        from operation o indexed by operation_by_key
        where o.key = requeue.key
          and o.resource_type = requeue.resource_type
          and o.action <> 'members'
          and ${isOpen}
      )
      and not exists (
        select 1
        from retry t
        where t.target = :target
          and t.resource_type = requeue.resource_type
          and t.key = requeue.key
          and t.member_key = ''
          and t.next_pass > :pass
      )`,
  ).run(round);
  db.prepare(
    `
    delete from requeue_membership as q
    where target = :target
      and (group_key, member_key) in (select group_key, member_key from membership_candidate)
      and in_doubt = 0
      and this_pass = 0
      and not exists (
        select 1
        from operation_member m indexed by operation_member_by_key
        -- In this order: the pass has an operation for each unsent user.
        cross join operation o on o.id = m.operation
        where m.key = q.member_key
          and o.key = q.group_key
          and o.action = 'members'
          and ${isOpen}
      )
      and not exists (
        select 1
        from retry t
        where t.target = :target
          and t.resource_type = 'Group'
          and t.key = q.group_key
          and t.member_key = q.member_key
          and t.next_pass > :pass
      )`,
  ).run(round);
}
