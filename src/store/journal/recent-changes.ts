import type { ChangeCount, ChangeKind } from '../../model/plan.ts';
import type { Db } from '../database.ts';
import type { WindowStart } from '../store.ts';

/** Acknowledged within the window by another pass, and not let through by an approval. */
const acknowledged = `
  o.target = :target
    and o.answered_at >= :since
    and o.pass <> :currentPass
    and o.approval is null
    and o.state in ('done', 'adopted')`;
/** The plan changes the same record again: it counts once. */
const notPlannedAgain = `
  and not exists (
    select 1
    from operation n indexed by operation_by_key
    where n.key = o.key
      and n.resource_type = o.resource_type
      and n.target = o.target
      and n.pass = :currentPass
      and n.action <> 'members'
  )`;
// A deletion directly after a deletion repeats one that the target refused: the first one counts.
const notRepeated = `
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

const countRecords = (condition: string): string =>
  `select count(distinct o.key) from operation o where ${acknowledged} and ${condition} ${notPlannedAgain}`;
const removalOf = (resourceType: 'User' | 'Group'): string =>
  `o.resource_type = '${resourceType}' and o.action in ('deactivate', 'delete') ${notRepeated}`;
const countMembers = (condition: string): string => `
  select count(*)
  from (
    select distinct o.key, m.resource_type, m.key
    from operation o
    join operation_member m on m.operation = o.id
    where ${acknowledged} and o.action = 'members' and ${condition}
  )`;

/** One statement for each kind. */
const statements: Readonly<Record<Exclude<ChangeKind, 'attributeChanged'>, string>> = {
  usersRemoved: countRecords(removalOf('User')),
  groupsRemoved: `
    select count(*)
    from (
      select o.key
      from operation o
      where ${acknowledged} and ${removalOf('Group')} ${notPlannedAgain}
      union
      select o.key
      from operation o
      where ${acknowledged}
        and o.action = 'members'
        and exists (
          select 1
          from operation_member m
          where m.operation = o.id
            and m.removed = 1
            and m.cause in ('emptied', 'replaced')
        )
    )`,
  membershipsRemoved: `
    select (${countMembers(`m.removed = 1 and coalesce(m.cause, 'emptied') = 'emptied'`)})
      + coalesce((
        select sum(o.ended_memberships)
        from operation o
        where ${acknowledged} and ${removalOf('Group')}
      ), 0)`,
  usersMissing: countRecords(`o.resource_type = 'User' and o.is_recreation = 1`),
  groupsMissing: countRecords(`o.resource_type = 'Group' and o.is_recreation = 1`),
  usersCreated: countRecords(`o.resource_type = 'User' and o.action = 'create' and o.is_recreation = 0`),
  usersReactivated: countRecords(`o.action = 'reactivate' and o.is_start = 0`),
  usersRenamed: countRecords(`o.resource_type = 'User' and o.is_rename = 1`),
  membershipsAdded: countMembers('m.removed = 0 and m.cause is null'),
  newGroupMemberships: countMembers(`m.removed = 0 and m.cause = 'newGroup'`),
  groupsRenamed: countRecords(`o.resource_type = 'Group' and o.is_rename = 1`),
};

/** All attributes in one scan: an hour with a changed mapping may have many updates. */
const changedAttributes = `
  select json_extract(e.value, '$.path') as subject, count(distinct o.key) as count
  from operation o, json_each(o.edits) e
  where ${acknowledged}
    and o.resource_type = 'User'
    and o.action = 'update'
    and json_extract(e.value, '$.from') is not json_extract(e.value, '$.to')
    and not (json_extract(e.value, '$.path') = 'externalId' and json_extract(e.value, '$.to') is o.key)
    ${notPlannedAgain}
  group by subject`;

const removalKinds: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  'usersRemoved',
  'groupsRemoved',
  'membershipsRemoved',
  'usersMissing',
  'groupsMissing',
]);

/**
 * Counts what a target acknowledged within the window, as the guard counts the changes of a plan. Leaves out the
 * current pass, because the guard counts its rounds itself, and the operations that an operator approved.
 */
export function changedSince(
  db: Db,
  target: number,
  since: WindowStart,
  currentPass: number,
  kinds: ReadonlySet<ChangeKind>,
): readonly ChangeCount[] {
  const result: ChangeCount[] = [];
  for (const kind of kinds) {
    const parameters = { target, since: removalKinds.has(kind) ? since.removals : since.others, currentPass };
    if (kind === 'attributeChanged') {
      const rows = db.prepare(changedAttributes).all(parameters) as { subject: string; count: number }[];
      result.push(...rows.map((row) => ({ kind, ...row })));
    } else {
      result.push({ kind, count: db.prepare(statements[kind]).pluck().get(parameters) as number });
    }
  }
  return result;
}
