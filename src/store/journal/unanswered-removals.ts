import type { Evidence } from '../../model/evidence.ts';
import { openChain } from '../chain/chain.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import type { OperationState } from '../store.ts';
import type { Operation } from '../../model/operation.ts';
import type { UnansweredRemoval, UnansweredRemovals } from './unanswered-interface.ts';

interface Row {
  readonly id: number;
  readonly action: UnansweredRemoval['action'];
  readonly detail: string | null;
  readonly isOpen: number;
  readonly account: UnansweredRemoval['account'];
  readonly nextPass: number | null;
  readonly nextAction: Operation['action'] | null;
  readonly nextState: OperationState | null;
  readonly nextEvidence: Evidence | null;
}

/** Opens the removals that were sent without an answer. */
export function openUnansweredRemovals(
  db: Db,
  commits: GroupCommit,
  targetOf: (name: string) => { readonly id: number },
): UnansweredRemovals {
  // A membership that is added without an account is compared once the account exists: the row stays as it is.
  const select = db.prepare(`
    select o.id, o.action, o.detail,
      case o.action
        when 'members' then exists (
          select 1
          from operation_member m
          left join requeue_membership r on r.target = o.target and r.group_key = o.key and r.member_key = m.key
          left join account a on a.target = o.target and a.resource_type = m.resource_type and a.key = m.key
          where m.operation = o.id
            and (r.group_key is not null or (m.removed = 0 and a.key is null))
        )
        else a.in_doubt is not null
          or exists (
            select 1
            from requeue r
            where r.target = o.target
              and r.resource_type = o.resource_type
              and r.key = o.key
          )
          or exists (select 1 from verification v where v.operation = o.id)
      end as isOpen,
      case
        when a.key is null then 'none'
        when a.missing_since is not null then 'missing'
        when a.active = 1 then 'active'
        else 'inactive'
      end as account,
      n.pass as nextPass, n.action as nextAction, n.state as nextState, n.evidence as nextEvidence
    from operation o indexed by operation_unanswered
    left join account a on a.target = o.target and a.resource_type = o.resource_type and a.key = o.key
    left join operation n on n.id = (
      select case o.action when 'members' then max(l.id) else min(l.id) end
      from operation l indexed by operation_by_key
      where l.key = o.key
        and l.resource_type = o.resource_type
        and l.target = o.target
        and l.id > o.id
        and (l.action = 'members') = (o.action = 'members')
        and l.action <> 'verifyCreate'
        and (l.state in ('done', 'adopted') or (l.state = 'failed' and l.evidence = 'read'))
    )
    where o.target = ?
      and o.state = 'unknown'
      and (
        o.action in ('delete', 'deactivate')
          or (
            o.action = 'members'
              and exists (select 1 from operation_member m where m.operation = o.id and m.removed = 1)
          )
      )
    order by o.id
    limit ?`);
  const chain = openChain(db);
  const update = db.prepare(`
    update operation
    set state = :state, evidence = :evidence, detail = :detail, looked_at = :at,
      verified_at = case when :state = 'done' and :evidence in ('shown', 'read') then :at end
    where id = :id`);

  return {
    async unansweredRemovals(target, limit) {
      return (select.all(targetOf(target).id, limit) as Row[]).map((row) => ({
        id: row.id,
        action: row.action,
        detail: row.detail ?? undefined,
        isOpen: row.isOpen === 1,
        account: row.account,
        next:
          row.nextPass === null || row.nextAction === null || row.nextState === null
            ? undefined
            : {
                pass: row.nextPass,
                action: row.nextAction,
                state: row.nextState,
                evidence: row.nextEvidence ?? undefined,
              },
      }));
    },
    endRemovals: (ends, at) =>
      commits.write(() => {
        for (const { id, end } of ends) update.run({ ...end, at, id });
        chain.amend(ends.map(({ id }) => id));
      }),
  };
}
