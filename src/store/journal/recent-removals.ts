import type { Instant } from '../../model/ids.ts';
import type { Totals } from '../../model/plan.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';

const acknowledged = `
  o.target = :target
    and o.answered_at >= :since
    and o.pass <> :currentPass
    and p.approved = 0`;
// A deletion directly after a deletion repeats one that the target refused: the first one counts.
const acknowledgedRemoval = `${acknowledged}
    and o.state = 'done'
    and not (
      o.action = 'delete'
      and 'delete' is (
        select g.action
        from operation g indexed by operation_by_key
        where g.key = o.key
          and g.resource_type = o.resource_type
          and g.target = :target
          and g.id < o.id
          and g.action <> 'members'
          and g.state in ('done', 'adopted')
        order by g.id desc
        limit 1
      )
    )`;
const endIsRemoved = (end: 'o' | 'm'): string => `
  exists (
    select 1
    from operation g
    where g.target = :target
      and g.resource_type = ${end}.resource_type
      and g.key = ${end}.key
      and g.action in ('deactivate', 'delete')
      and g.state = 'done'
      and g.answered_at >= :since
  )`;

/**
 * Counts the removals and recreations that a target acknowledged since then, as the guard counts those of a plan.
 * Leaves out the current pass, because the guard counts its rounds itself, and the passes that an operator approved.
 */
export function removedSince(
  db: Db,
  target: number,
  since: Instant,
  currentPass: number,
): Pick<Totals, 'removals' | 'recreations'> {
  const count = (sql: string): number => db.prepare(sql).pluck().get({ target, since, currentPass }) as number;
  const removals = (
    resourceType: ResourceType,
  ): string => `select count(*) from operation o join pass p on p.id = o.pass
    where ${acknowledgedRemoval} and o.action in ('deactivate', 'delete') and o.resource_type = '${resourceType}'`;
  const recreations = (
    resourceType: ResourceType,
  ): string => `select count(*) from operation o join pass p on p.id = o.pass
    where ${acknowledged} and o.state in ('done', 'adopted') and o.is_recreation = 1
      and o.resource_type = '${resourceType}'`;
  return {
    removals: {
      users: count(removals('User')),
      groups: count(removals('Group')),
      memberships: count(`
        select count(*)
        from operation o
        join pass p on p.id = o.pass
        join operation_member m on m.operation = o.id
          and m.removed = 1
        where ${acknowledgedRemoval}
          and o.action = 'members'
          and not ${endIsRemoved('m')}
          and not ${endIsRemoved('o')}`),
    },
    recreations: { users: count(recreations('User')), groups: count(recreations('Group')) },
  };
}
