import type { Instant } from '../model/ids.ts';
import type { Totals } from '../model/plan.ts';
import type { Db } from './database.ts';

const done = `o.target = :target and o.answered_at >= :since and o.state = 'done' and p.approved = 0`;
const goes = (
  end: 'o' | 'm',
): string => `exists (select 1 from operation g where g.target = :target and g.kind = ${end}.kind and g.key = ${end}.key
  and g.action in ('deactivate', 'delete') and g.state = 'done' and g.answered_at >= :since)`;

/** What a target has acknowledged of removals since a moment, counted as the guard counts a plan; what an operator let through is left out. */
export function removedSince(db: Db, target: number, since: Instant): Totals['removals'] {
  const count = (sql: string): number => db.prepare(sql).pluck().get({ target, since }) as number;
  const removals = (kind: string): string => `select count(*) from operation o join pass p on p.id = o.pass
    where ${done} and o.action in ('deactivate', 'delete') and o.kind = '${kind}'`;
  return {
    users: count(removals('User')),
    groups: count(removals('Group')),
    memberships:
      count(`select count(*) from operation o join pass p on p.id = o.pass join operation_member m on m.operation = o.id and m.removed = 1
      where ${done} and o.action = 'members' and not ${goes('m')} and not ${goes('o')}`),
  };
}
