import type { Instant } from '../../model/ids.ts';
import type { ChangeCount, ChangeKind, GroupTurnoverBefore } from '../../model/plan.ts';
import type { Db } from '../database.ts';
import { payloadOf } from './operations.ts';
import { isSuperseded } from './news/supersede.ts';
import type { ChangesInPass, RoundsByKind, WindowStart } from '../store.ts';

/** A condition for the operation with this alias. */
type Condition = (alias: string) => string;

/** Which operations `o` are counted beside the plan to judge, whose operations are `n`. */
interface Scope {
  readonly counted: string;
  readonly planned: string;
  /** How a change counts that the plan contains again: in the plan, or only here. */
  readonly repeated: 'inPlan' | 'here';
  /** Whether any planned change of a record replaces the counted one: a user who was removed returns. */
  readonly isReplacedByAny: boolean;
}

const scopes = {
  /** Acknowledged within the window by another pass, and not let through by an approval. */
  window: {
    counted: `
      o.target = :target
        and o.pass in (select id from pass where (ended >= :since or ended is null) and id <> :pass)
        and o.answered_at >= :since
        and o.approval is null
        and o.state in ('done', 'adopted')`,
    planned: 'n.target = :target and n.pass = :pass',
    repeated: 'inPlan',
    isReplacedByAny: true,
  },
  /** Planned by an earlier round of the pass, and not let through by an approval. */
  earlier: {
    counted: `
      o.target = :target
        and o.pass = :pass
        and o.round in (select value from json_each(:rounds))
        and o.approval is null
        and not ${isSuperseded('o')}`,
    planned: 'n.target = :target and n.pass = :pass and n.round = :round',
    repeated: 'inPlan',
    isReplacedByAny: false,
  },
  /** Let through by an approval in an earlier round of the pass, and planned again. */
  approved: {
    counted: `
      o.target = :target
        and o.pass = :pass
        and o.round in (select value from json_each(:rounds))
        and o.approval is not null`,
    planned: 'n.target = :target and n.pass = :pass and n.round = :round',
    repeated: 'here',
    isReplacedByAny: false,
  },
} as const satisfies Record<string, Scope>;

/** Whether the plan contains a change of the same record, with this condition, again. */
function isPlanned({ planned, repeated, isReplacedByAny }: Scope, condition: Condition): string {
  return `
  ${repeated === 'inPlan' ? 'not' : ''} exists (
    select 1
    from operation n indexed by operation_by_key
    where n.key = o.key
      and n.resource_type = o.resource_type
      and ${planned}
      and ${isReplacedByAny ? `n.action <> 'members'` : condition('n')}
  )`;
}

// A deletion directly after a deletion repeats one that the target refused: the first one counts.
const notRepeated = `
  not (
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

const isRemovalOf =
  (resourceType: 'User' | 'Group'): Condition =>
  (o) =>
    `${o}.resource_type = '${resourceType}' and ${o}.action in ('deactivate', 'delete')`;

const isEmptying: Condition = (o) => `
  ${o}.action = 'members'
    and exists (
      select 1
      from operation_member e
      where e.operation = ${o}.id
        and e.removed = 1
        and e.cause in ('emptied', 'replaced')
    )`;

const records = (scope: Scope, condition: Condition): string => `
  select distinct o.key
  from operation o
  where ${scope.counted} and ${condition('o')} and ${isPlanned(scope, condition)}`;

const removals = (scope: Scope, resourceType: 'User' | 'Group'): string =>
  `${records(scope, isRemovalOf(resourceType))} and ${notRepeated}`;

const countOf = (rows: string): string => `select count(*) from (${rows})`;

const members = (scope: Scope, condition: string): string => `
  select distinct o.key, m.resource_type, m.key
  from operation o
  join operation_member m on m.operation = o.id
  where ${scope.counted} and o.action = 'members' and ${condition}
  ${scope.repeated === 'inPlan' ? 'except' : 'intersect'}
  select n.key, m.resource_type, m.key
  from operation n indexed by operation_by_pass
  join operation_member m on m.operation = n.id
  where ${scope.planned} and n.action = 'members' and ${condition}`;

const endedByDeletions = (scope: Scope): string => `
  select coalesce(sum(ended), 0)
  from (
    select max(o.ended_memberships) as ended
    from operation o
    where ${scope.counted}
      and ${isRemovalOf('Group')('o')}
      and ${notRepeated}
      and ${isPlanned({ ...scope, isReplacedByAny: false }, isRemovalOf('Group'))}
    group by o.key
  )`;

/** One statement for each kind. */
const statements: Readonly<Record<Exclude<ChangeKind, 'attributeChanged'>, (scope: Scope) => string>> = {
  usersRemoved: (scope) => countOf(removals(scope, 'User')),
  groupsRemoved: (scope) =>
    countOf(`${removals(scope, 'Group')} union ${records({ ...scope, isReplacedByAny: false }, isEmptying)}`),
  membershipsRemoved: (scope) => `
    select (${countOf(members(scope, `m.removed = 1 and coalesce(m.cause, 'emptied') = 'emptied'`))})
      + (${endedByDeletions(scope)})`,
  usersMissing: (scope) => countOf(records(scope, (o) => `${o}.resource_type = 'User' and ${o}.is_recreation = 1`)),
  groupsMissing: (scope) => countOf(records(scope, (o) => `${o}.resource_type = 'Group' and ${o}.is_recreation = 1`)),
  usersCreated: (scope) =>
    countOf(records(scope, (o) => `${o}.resource_type = 'User' and ${o}.action = 'create' and ${o}.is_recreation = 0`)),
  usersReactivated: (scope) => countOf(records(scope, (o) => `${o}.action = 'reactivate' and ${o}.is_start = 0`)),
  usersRenamed: (scope) => countOf(records(scope, (o) => `${o}.resource_type = 'User' and ${o}.is_rename = 1`)),
  membershipsAdded: (scope) => countOf(members(scope, 'm.removed = 0 and m.cause is null')),
  newGroupMemberships: (scope) => countOf(members(scope, `m.removed = 0 and m.cause = 'newGroup'`)),
  groupsRenamed: (scope) => countOf(records(scope, (o) => `${o}.resource_type = 'Group' and ${o}.is_rename = 1`)),
};

const groupsCreated = countOf(
  records(scopes.window, (o) => `${o}.resource_type = 'Group' and ${o}.action = 'create' and ${o}.is_recreation = 0`),
);
const membershipsReplaced = countOf(members(scopes.window, `m.removed = 1 and m.cause = 'replaced'`));

/** An edit that the guard counts, of the update `o`: neither one in doubt, nor an externalId that follows the key. */
const isCountedEdit = (o: string, edit: string): string => `
  ${o}.resource_type = 'User'
    and ${o}.action = 'update'
    and json_extract(${edit}.value, '$.from') is not json_extract(${edit}.value, '$.to')
    and not (
      json_extract(${edit}.value, '$.path') = 'externalId'
      and json_extract(${edit}.value, '$.to') is ${o}.key
    )`;

const changesSameAttribute: Condition = (n) => `
  exists (
    select 1
    from json_each(${payloadOf(n, 'edits')}) f
    where json_extract(f.value, '$.path') = json_extract(e.value, '$.path') and ${isCountedEdit(n, 'f')}
  )`;

/** All attributes in one scan of the updates: an hour with a changed mapping may have many of them. */
const changedAttributes = (scope: Scope): string => `
  select json_extract(e.value, '$.path') as subject, count(distinct o.key) as count
  from operation o indexed by operation_update, json_each(${payloadOf('o', 'edits')}) e
  where ${scope.counted} and ${isCountedEdit('o', 'e')} and ${isPlanned(scope, changesSameAttribute)}
  group by subject`;

const removalKinds: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  'usersRemoved',
  'groupsRemoved',
  'membershipsRemoved',
  'usersMissing',
  'groupsMissing',
]);

/** Counts groups that were created, and memberships that new groups replaced, within the window. */
export function groupTurnoverSince(db: Db, target: number, since: WindowStart, pass: number): GroupTurnoverBefore {
  const countSince = (statement: string, start: Instant): number =>
    db.prepare(statement).pluck().get({ target, since: start, pass }) as number;
  return {
    created: countSince(groupsCreated, since.others),
    replaced: countSince(membershipsReplaced, since.removals),
  };
}

/**
 * Counts what a target acknowledged within the window, as the guard counts the changes of a plan. Leaves out the
 * current pass (`changedInPass`), the operations that an operator approved, and what the current pass plans again.
 */
export function changedSince(
  db: Db,
  target: number,
  since: WindowStart,
  pass: number,
  kinds: ReadonlySet<ChangeKind>,
): readonly ChangeCount[] {
  return [...kinds].flatMap((kind) =>
    countChanges(db, scopes.window, kind, {
      ...{ target, pass },
      since: removalKinds.has(kind) ? since.removals : since.others,
    }),
  );
}

/** Counts what the earlier rounds of a pass planned, beside the plan of this round (`ChangesInPass`). */
export function changedInPass(
  db: Db,
  parameters: { readonly target: number; readonly pass: number; readonly round: number },
  kinds: RoundsByKind,
): ChangesInPass {
  const countIn = (scope: Scope): readonly ChangeCount[] =>
    [...kinds].flatMap(([kind, rounds]) =>
      rounds.length === 0 ? [] : countChanges(db, scope, kind, { ...parameters, rounds: JSON.stringify(rounds) }),
    );
  return { earlier: countIn(scopes.earlier), approved: countIn(scopes.approved) };
}

const createdAgain = `
  select count(*)
  from operation n indexed by operation_by_pass
  where n.target = :target
    and n.pass = :pass
    and n.round = :round
    and n.resource_type = 'User'
    and n.action = 'create'
    and n.is_recreation = 0
    and (
      select o.action = 'create' and o.is_recreation = 0 and o.state in ('failed', 'unknown')
      from operation o indexed by operation_by_key
      where o.key = n.key
        and o.resource_type = 'User'
        and o.target = :target
        and o.pass < :pass
        and o.action <> 'members'
        and o.state not in ('planned', 'held', 'skipped')
      order by o.id desc
      limit 1
    )`;

/** Counts the users whom a round creates again (`HoldLog.repeatedCreates`). */
export function repeatedCreates(
  db: Db,
  parameters: { readonly target: number; readonly pass: number; readonly round: number },
): number {
  return db.prepare(createdAgain).pluck().get(parameters) as number;
}

function countChanges(
  db: Db,
  scope: Scope,
  kind: ChangeKind,
  parameters: Readonly<Record<string, number | string>>,
): readonly ChangeCount[] {
  if (kind !== 'attributeChanged')
    return [{ kind, count: db.prepare(statements[kind](scope)).pluck().get(parameters) as number }];
  const rows = db.prepare(changedAttributes(scope)).all(parameters) as { subject: string; count: number }[];
  return rows.map((row) => ({ kind, ...row }));
}
