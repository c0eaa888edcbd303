import { instant, type Instant, type SourceKey } from '../../model/ids.ts';
import type { GroupMove } from '../../model/plan.ts';
import type { Db } from '../database.ts';
import type { HoldLog } from '../store.ts';
import { changedInPass, changedSince, groupTurnoverSince, repeatedCreates } from './recent-changes.ts';

/** Opens the part of the journal that the guard uses. */
export function openHolds(db: Db, targetOf: (name: string) => { readonly id: number }): HoldLog {
  const updateHeld = db.prepare(`update operation set state = 'held', approval = null where id = ?`);
  const updateReleased = db.prepare(`
    update operation
    set state = 'planned', approval = ?, detail = null
    where pass = ?
      and target = ?
      and round = ?
      and state = 'held'`);
  const copyOperation =
    db.prepare(`insert into operation (pass, target, round, phase, wave, action, resource_type, key, name, reason)
    select pass, target, round, phase, wave, action, resource_type, key, name, reason from operation where id = ?`);
  const moveOtherMembers = db.prepare(`
    update operation_member
    set operation = :copy
    where operation = :id
      and coalesce(cause, iif(removed = 1, 'ended', 'added')) not in (select value from json_each(:classes))`);
  const updateAdditionsOfRenamed = db.prepare(`
    update operation_member
    set cause = 'renamed'
    where removed = 0
      and resource_type = 'User'
      and operation in (
        select id
        from operation
        where pass = :pass
          and target = :target
          and round = :round
          and action = 'members'
          and state = 'planned'
      )
      and exists (
        select 1
        from operation r indexed by operation_by_key
        where r.key = operation_member.key
          and r.resource_type = 'User'
          and r.pass = :pass
          and r.target = :target
          and r.is_rename = 1
          and r.state = 'held'
      )`);
  const ofRound = (alias: string): string => `
    ${alias}.pass = :pass
      and ${alias}.target = :target
      and ${alias}.round = :round
      and ${alias}.action = 'members'`;
  const selectEndings = db.prepare(`
    select o.key as "group", count(*) as count
    from operation o
    join operation_member m on m.operation = o.id and m.cause = 'emptied'
    where ${ofRound('o')}
    group by o.key`);
  const selectAdditions = db.prepare(`
    select o.key as "group", count(*) as count
    from operation o
    join operation_member m on m.operation = o.id and m.removed = 0
    where ${ofRound('o')}
    group by o.key
    having sum(m.cause is 'newGroup') > 0`);
  // Without the hint SQLite joins all additions of the round with each ending.
  const selectMoves = db.prepare(`
    select o.key as "from", n.key as "to", count(*) as count
    from operation o
    join operation_member m on m.operation = o.id and m.cause = 'emptied'
    join operation_member a indexed by operation_member_by_key on a.key = m.key
      and a.resource_type = m.resource_type
      and a.cause = 'newGroup'
    join operation n on n.id = a.operation
    where ${ofRound('o')}
      and ${ofRound('n')}
    group by o.key, n.key`);
  const updateReplaced = db.prepare(`
    update operation_member
    set cause = 'replaced'
    where cause = 'emptied'
      and operation in (select o.id from operation o where ${ofRound('o')} and o.key = :from)
      and exists (
        select 1
        from operation_member a indexed by operation_member_by_key
        join operation n on n.id = a.operation
        where a.key = operation_member.key
          and a.resource_type = operation_member.resource_type
          and a.cause = 'newGroup'
          and n.key = :to
          and ${ofRound('n')}
      )`);
  const updateEndedMemberships = db.prepare(`
    update operation
    set ended_memberships = :count
    where pass = :pass
      and target = :target
      and round = :round
      and action = 'delete'
      and resource_type = 'Group'
      and key = :key`);

  const selectPassesBefore = db
    .prepare(
      `select p.started
    from pass_target t
    join pass p on p.id = t.pass
    where t.target = ?
      and t.pass < ?
    order by t.pass desc
    limit ?`,
    )
    .pluck();

  const selectLongestPause = db.prepare(`
    select started as "from", next as until
    from (
      select started, lead(started, 1, :until) over (order by started) as next
      from (
        select started from pass where id < :pass and started >= :from and started <= :until
        union
        select :from
      )
    )
    order by next - started desc
    limit 1`);

  return {
    async changedSince(target, since, currentPass, kinds) {
      return changedSince(db, targetOf(target).id, since, currentPass, kinds);
    },
    async changedInPass(pass, target, round, kinds) {
      return changedInPass(db, { target: targetOf(target).id, pass, round }, kinds);
    },
    async repeatedCreates(pass, target, round) {
      return repeatedCreates(db, { target: targetOf(target).id, pass, round });
    },
    async groupTurnoverSince(target, since, currentPass) {
      return groupTurnoverSince(db, targetOf(target).id, since, currentPass);
    },
    async setEndedMemberships(pass, target, round, groups) {
      const { id } = targetOf(target);
      for (const [key, count] of groups) updateEndedMemberships.run({ pass, target: id, round, key, count });
    },
    async splitMembers(splits) {
      for (const { id, classes } of splits) {
        const { lastInsertRowid: copy } = copyOperation.run(id);
        moveOtherMembers.run({ copy, id, classes: JSON.stringify(classes) });
      }
    },
    async hold(ids) {
      for (const id of ids) updateHeld.run(id);
    },
    async passesBefore(pass, target, limit) {
      return (selectPassesBefore.all(targetOf(target).id, pass, limit) as number[]).map(instant);
    },
    async longestPause(pass, from, until) {
      return selectLongestPause.get({ pass, from, until }) as { from: Instant; until: Instant } | undefined;
    },
    async markAdditionsOfRenamed(pass, target, round) {
      updateAdditionsOfRenamed.run({ pass, target: targetOf(target).id, round });
    },
    async groupTurnover(pass, target, round) {
      const parameters = { pass, target: targetOf(target).id, round };
      const sizes = (rows: unknown[]): ReadonlyMap<SourceKey, number> =>
        new Map((rows as { group: SourceKey; count: number }[]).map(({ group, count }) => [group, count]));
      return {
        endings: sizes(selectEndings.all(parameters)),
        additions: sizes(selectAdditions.all(parameters)),
        moves: selectMoves.all(parameters) as GroupMove[],
      };
    },
    async markReplaced(pass, target, round, moves) {
      const { id } = targetOf(target);
      let marked = 0;
      for (const { from, to } of moves) marked += updateReplaced.run({ pass, target: id, round, from, to }).changes;
      return marked;
    },
    async release(pass, target, round, approval) {
      updateReleased.run(approval, pass, targetOf(target).id, round);
    },
  };
}
