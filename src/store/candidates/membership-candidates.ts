import type { Statement } from 'better-sqlite3';
import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { isMissingFrom } from '../mirror/missing-rows.ts';
import type { MembershipCandidate, PlanningScope, RecordRef } from '../store.ts';

const tables = `
  create temp table if not exists membership_candidate (
    id integer primary key, group_key text not null, member_key text not null, unique (group_key, member_key));
  create temp table if not exists membership_order (
    id integer primary key, group_key text not null, member_key text not null);
  create temp table if not exists exception (
    resource_type text not null, key text not null, primary key (resource_type, key)) without rowid;`;

/** A membership that a planning compares. */
interface MembershipRow {
  readonly id: number;
  readonly group_key: string;
  readonly member_key: string;
  readonly is_desired: number;
  /** A rejected row could be it: it is not removed, and not added either. */
  readonly is_absence_in_doubt: number;
  readonly known_type: ResourceType | null;
  readonly in_doubt: number;
  /** The source has a group with this key and no user. */
  readonly is_group: number;
}

const toMembershipCandidate = (row: MembershipRow): MembershipCandidate => {
  const memberType = row.known_type ?? (row.is_group === 1 ? 'Group' : 'User');
  const isAbsenceIgnored = row.is_absence_in_doubt === 0 || row.known_type !== null || row.in_doubt === 1;
  return {
    group: sourceKey(row.group_key),
    member: sourceKey(row.member_key),
    memberType,
    // A group that is a member of itself gives access to nothing, and targets refuse it.
    isDesired:
      row.is_desired === 1 && isAbsenceIgnored && !(memberType === 'Group' && row.group_key === row.member_key),
    isKnown: row.known_type !== null,
    isInDoubt: row.in_doubt === 1,
  };
};

function isUnknownAs(memberType: ResourceType): string {
  const isOfTarget = `x.target = :target and x.member_type = '${memberType}'`;
  return isMissingFrom('membership', 's', ['group_key', 'member_key'], isOfTarget);
}

/**
 * Memberships in the source that the target has not acknowledged, and the reverse. Each row is compared by one look-up
 * in the order of both indexes.
 */
const differences: readonly string[] = [
  `select s.group_key, s.member_key
  from source_membership s
  where s.removed_in is null
    and ${isUnknownAs('User')}
    and ${isUnknownAs('Group')}`,
  `select m.group_key, m.member_key
  from membership m
  where m.target = :target
    and ${isMissingFrom('source_membership', 'm', ['group_key', 'member_key'], 'x.removed_in is null')}`,
];

const ofExceptions: readonly string[] = [
  `select m.group_key, m.member_key
  from exception e
  cross join membership m on m.target = :target
    and m.member_type = e.resource_type
    and m.member_key = e.key`,
  `select m.group_key, m.member_key
  from exception e
  cross join membership m on m.target = :target
    and m.group_key = e.key
  where e.resource_type = 'Group'`,
];

const ofSource = 'select group_key, member_key from source_membership where removed_in is null';
const ofTarget = 'select group_key, member_key from membership where target = :target';
const all: readonly string[] = [ofSource, ofTarget];
const inDoubt = 'select group_key, member_key from requeue_membership where target = :target and in_doubt = 1';

/** Groups of the source that are members of groups. */
const nestedGroups = `
  select 1
  from record g
  cross join source_membership m indexed by source_membership_by_member on m.member_key = g.key
  where g.resource_type = 'Group'
    and g.removed_in is null`;

/**
 * One page of the selected memberships. Each table is looked up once for a row, and not at all if it has no row that
 * matters: a first load selects all memberships.
 */
const pageOf = ({
  hasMemberships,
  hasInDoubt,
  hasAbsencesInDoubt,
  hasNestedGroups,
}: Readonly<Record<'hasMemberships' | 'hasInDoubt' | 'hasAbsencesInDoubt' | 'hasNestedGroups', boolean>>): string => `
  select o.id, o.group_key, o.member_key,
    e.id is not null as is_desired,
    ${hasAbsencesInDoubt ? 'x.membership is not null' : '0'} as is_absence_in_doubt,
    ${
      hasMemberships
        ? `(
            select member_type from membership m where m.target = :target
              and m.group_key = o.group_key and m.member_key = o.member_key
              and m.member_type in ('User', 'Group')
            limit 1
          )`
        : 'null'
    } as known_type,
    ${hasInDoubt ? 'd.target is not null' : '0'} as in_doubt,
    ${
      hasNestedGroups
        ? `g.id is not null and not exists (
            select 1 from record u where u.resource_type = 'User' and u.key = o.member_key and u.removed_in is null
          )`
        : '0'
    } as is_group
  from membership_order o
  left join source_membership e on e.group_key = o.group_key
    and e.member_key = o.member_key
    -- Without the sign, SQLite takes the index by member, in which the next row is far away.
    and +e.removed_in is null
  ${hasAbsencesInDoubt ? 'left join membership_in_doubt x on x.membership = e.id' : ''}
  ${
    hasInDoubt
      ? `left join requeue_membership d on d.target = :target
          and d.group_key = o.group_key
          and d.member_key = o.member_key
          and d.in_doubt = 1`
      : ''
  }
  ${
    hasNestedGroups
      ? `left join record g on g.resource_type = 'Group'
          and g.key = o.member_key
          and g.removed_in is null`
      : ''
  }
  where o.id > :after
  order by o.id
  limit :limit`;

/** Selects the memberships that a planning for a target must compare. `openCandidates` selects the records before. */
export function openMembershipCandidates(db: Db, target: number) {
  db.exec(tables);
  const statements = new Map<string, Statement>();
  const run = (sql: string, parameters: Record<string, unknown> = {}): void => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)));
    statement.run({ target, ...parameters });
  };
  const add = (sql: string, parameters: Record<string, unknown> = {}): void => {
    run(`insert or ignore into membership_candidate (group_key, member_key) ${sql}`, parameters);
  };
  const exists = (sql: string): boolean => db.prepare(`select exists (${sql})`).pluck().get({ target }) === 1;
  let hasNestedGroups = true;

  const addChanged = (scope: Exclude<PlanningScope, { kind: 'full' }>, groups: Iterable<SourceKey>): void => {
    if (scope.kind === 'changed' || scope.kind === 'news')
      // Without the index hint SQLite may scan all memberships.
      add(
        `
          select group_key, member_key
          from source_membership indexed by source_membership_by_change
          where changed_in > :after`,
        { after: scope.after },
      );
    // What the running pass has not sent is in the queue, too: news is planned without it.
    if (scope.kind === 'changed' || scope.kind === 'followUp')
      add('select group_key, member_key from requeue_membership where target = :target and this_pass >= :thisPass', {
        thisPass: scope.kind === 'followUp' ? 1 : 0,
      });
    // A candidate user may have joined or left, so all memberships are compared; a user has few of them.
    add(`
      select m.group_key, m.member_key
      from candidate c
      cross join source_membership m on m.member_key = c.key
        and m.removed_in is null
      where c.resource_type = 'User'`);
    add(`
      select m.group_key, m.member_key
      from candidate c
      cross join membership m on m.target = :target
        and m.member_type = 'User'
        and m.member_key = c.key
      where c.resource_type = 'User'`);
    for (const key of groups)
      for (const memberships of ofGroup) add(`select group_key, member_key ${memberships}`, { key });
  };

  return {
    selectMemberships(
      scope: PlanningScope,
      groups: Iterable<SourceKey>,
      maxMembers?: number,
      exceptions?: Iterable<RecordRef>,
    ): void {
      db.exec('delete from membership_candidate; delete from membership_order');
      hasNestedGroups = exists(nestedGroups);
      if (scope.kind === 'full') {
        if (exceptions !== undefined) replaceExceptions(db, exceptions);
        const selected = (
          exists(ofTarget) || exists(inDoubt)
            ? [...(exceptions === undefined ? all : [...differences, ...ofExceptions]), inDoubt]
            : [ofSource]
        ).join(' union ');
        if (maxMembers === undefined) {
          run(`insert into membership_order (group_key, member_key) ${selected} order by group_key, member_key`);
          return;
        }
        add(selected);
      } else addChanged(scope, groups);
      // A membership whose change is unknown in this pass is not sent twice in it.
      if (scope.kind === 'followUp') run(deleteUnknown, { pass: scope.pass });
      if (maxMembers !== undefined && scope.kind !== 'removals') add(ofFullGroups(scope), { maxMembers });
      db.exec(`
        insert into membership_order (group_key, member_key)
        select group_key, member_key from membership_candidate
        order by group_key, member_key`);
    },

    memberships(after: number, limit: number): { page: readonly MembershipCandidate[]; next: number | undefined } {
      const page = pageOf({
        hasMemberships: exists(ofTarget),
        hasInDoubt: exists(inDoubt),
        hasAbsencesInDoubt: exists('select 1 from membership_in_doubt'),
        hasNestedGroups,
      });
      const rows = db.prepare(page).all({ target, after, limit }) as MembershipRow[];
      return { page: rows.map(toMembershipCandidate), next: rows.at(-1)?.id };
    },
  };
}

const ofGroup: readonly string[] = [
  'from source_membership where group_key = :key and removed_in is null',
  'from source_membership where member_key = :key and removed_in is null',
  'from membership where target = :target and group_key = :key',
  `from membership where target = :target and member_type = 'Group' and member_key = :key`,
];

const deleteUnknown = `
  delete from membership_candidate as c
  where exists (
    select 1
    from operation_member m indexed by operation_member_by_key
    join operation o on o.id = m.operation
    where m.key = c.member_key
      and o.key = c.group_key
      and o.action = 'members'
      and o.target = :target
      and o.pass = :pass
      and o.state = 'unknown'
  )`;

/** Additions that an earlier round has not sent take places, too: in news, all of a group are compared. */
function ofFullGroups({ kind }: PlanningScope): string {
  const members =
    kind === 'news' ? 'source_membership m where m.removed_in is null' : 'membership m where m.target = :target';
  return `
    select group_key, member_key from source_membership where removed_in is null
      and group_key in (
        select group_key from (select distinct group_key from membership_candidate) c
        where (select count(*) from ${members} and m.group_key = c.group_key) >= :maxMembers
      )`;
}

const pageSize = 10_000;

function replaceExceptions(db: Db, exceptions: Iterable<RecordRef>): void {
  db.exec('delete from exception');
  const insert = db.prepare(
    `insert or ignore into exception select value ->> 0, value ->> 1 from json_each(?) where true`,
  );
  let page: (readonly [ResourceType, SourceKey])[] = [];
  const flush = (): void => {
    if (page.length > 0) insert.run(JSON.stringify(page));
    page = [];
  };
  for (const { resourceType, key } of exceptions) {
    page.push([resourceType, key]);
    if (page.length === pageSize) flush();
  }
  flush();
}
