import type { Statement } from 'better-sqlite3';
import type { BoundarySpan } from '../../model/dates/validity.ts';
import type { SourceKey } from '../../model/ids.ts';
import { resourceTypes } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { defineAddDays, inactivityParameters, isInactiveForDays, usersInSpan } from '../sqlite/days.ts';
import { doubtColumns, doubtJoin, joinedColumn } from '../sqlite/rows.ts';
import type { Candidate, MembershipCandidate, PlanningScope, RecordRef } from '../store.ts';
import { toCandidate, toMembershipCandidate, type CandidateRow, type MembershipRow } from './candidate-rows.ts';

const tables = `
  create temp table if not exists candidate (
    id integer primary key, resource_type text not null, key text not null, unique (resource_type, key));
  create temp table if not exists membership_candidate (
    id integer primary key, group_key text not null, member_key text not null, unique (group_key, member_key));
  create temp table if not exists membership_order (
    id integer primary key, group_key text not null, member_key text not null);`;

/** A record that failed in this pass, or whose outcome is unknown, is not tried twice in it. */
const followUpsOfPass = `
  select resource_type, key from requeue q where target = :target and this_pass = 1
    and resource_type = :resourceType and not exists (
      select 1 from operation o indexed by operation_by_key where o.key = q.key
        and o.resource_type = q.resource_type and o.target = q.target and o.action <> 'members'
        and o.pass = (select max(id) from pass) and o.state in ('failed', 'unknown')
    )`;

/**
 * Selects the records and memberships that a planning for this target must evaluate. The cost of a pass depends on
 * their number, not on the size of the directory.
 */
export function openCandidates(db: Db, target: number) {
  db.exec(tables);
  defineAddDays(db);
  const statements = new Map<string, Statement>();
  const run = (sql: string, parameters: Record<string, unknown>): void => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)));
    statement.run({ target, ...parameters });
  };
  const addCandidates = (sql: string, parameters: Record<string, unknown> = {}): void => {
    run(`insert or ignore into candidate (resource_type, key) ${sql}`, parameters);
  };
  const addWithBoundary = (span: BoundarySpan): void => {
    const { sql, parameters } = usersInSpan(span);
    addCandidates(`${sql} order by id`, parameters);
  };
  const addMemberships = (sql: string, parameters: Record<string, unknown> = {}): void => {
    run(`insert or ignore into membership_candidate (group_key, member_key) ${sql}`, parameters);
  };
  const page = db.prepare(`
    select c.id, c.resource_type, c.key, r.active as record_active, r.valid_from, r.valid_to,
      r.zone, r.attributes, r.removed_in, ${doubtColumns}, ${joinedColumn},
      d.verify_first,
      d.key is not null as is_requeued, a.remote_id, a.body, a.active, a.inactive_since, a.version, a.origin,
      a.in_doubt, a.missing_since, a.deletion_refused_at, a.may_have_duplicates, a.is_emptied, a.unproven_removals,
      a.awaits_start
    from candidate c
    left join record r on r.resource_type = c.resource_type and r.key = c.key
    ${doubtJoin}
    left join account a on a.target = :target and a.resource_type = c.resource_type
      and a.key = c.key
    left join requeue d on d.target = :target and d.resource_type = c.resource_type
      and d.key = c.key
    where c.id > :after order by c.id
    limit :limit`);
  const membershipPage = db.prepare(`
    select o.id, o.group_key, o.member_key,
      exists (
        select 1 from source_membership e where e.group_key = o.group_key
          and e.member_key = o.member_key and e.removed_in is null
      ) as is_desired,
      exists (
        select 1 from source_membership e
        join membership_in_doubt x on x.membership = e.id
        where e.group_key = o.group_key and e.member_key = o.member_key
      ) as is_absence_in_doubt,
      (
        select member_type from membership m where m.target = :target
          and m.group_key = o.group_key and m.member_key = o.member_key
          and m.member_type in ('User', 'Group')
        limit 1
      ) as known_type,
      exists (
        select 1 from requeue_membership d where d.target = :target
          and d.group_key = o.group_key and d.member_key = o.member_key and d.in_doubt = 1
      ) as in_doubt,
      exists (
        select 1 from record r where r.resource_type = 'User'
          and r.key = o.member_key and r.removed_in is null
      ) as is_user,
      exists (
        select 1 from record r where r.resource_type = 'Group'
          and r.key = o.member_key and r.removed_in is null
      ) as is_group
    from membership_order o where o.id > :after
    order by o.id
    limit :limit`);

  return {
    /** Users come before groups, so that a planning evaluates users before the memberships that depend on them. */
    selectCandidates(scope: PlanningScope): void {
      db.exec('delete from candidate');
      for (const resourceType of resourceTypes) {
        if (scope.kind === 'followUp') {
          addCandidates(followUpsOfPass, { resourceType });
          continue;
        }
        if (scope.kind === 'full') {
          addCandidates(
            `
              select resource_type, key from record where resource_type = :resourceType and removed_in is null
              order by id`,
            { resourceType },
          );
          addCandidates(
            `
              select resource_type, key from account where target = :target
                and resource_type = :resourceType
              order by id`,
            { resourceType },
          );
          // A user that is neither in the source nor acknowledged, but whose create got no response.
          addCandidates(
            `
              select resource_type, key from requeue where target = :target
                and resource_type = :resourceType and verify_first = 1
              order by key`,
            {
              resourceType,
            },
          );
        } else {
          // Without the index hint SQLite scans all records.
          addCandidates(
            `
              select resource_type, key from record indexed by record_by_change
              where changed_in > :after and resource_type = :resourceType order by id`,
            { resourceType, after: scope.after },
          );
          if (resourceType === 'User') for (const span of scope.boundaries ?? []) addWithBoundary(span);
          addCandidates(
            `
              select resource_type, key from requeue where target = :target
                and resource_type = :resourceType
              order by key`,
            { resourceType },
          );
        }
        if (scope.deletions !== undefined)
          addCandidates(
            `
              select resource_type, key from account a where target = :target
                and resource_type = :resourceType and ${isInactiveForDays}
              order by id`,
            { resourceType, ...inactivityParameters(scope.deletions) },
          );
      }
    },

    selectReferrers(managers: readonly SourceKey[]): void {
      const parameters = { managers: JSON.stringify(managers) };
      addCandidates(
        `
          select 'User', key from pending_manager where target = :target
            and manager in (select value from json_each(:managers))`,
        parameters,
      );
      addCandidates(
        `
          select 'User', key from account where target = :target
            and manager in (select value from json_each(:managers))`,
        parameters,
      );
    },

    /** Leaves only these candidates. The others stay requeued, so that a later planning evaluates them. */
    restrict(subjects: readonly RecordRef[]): void {
      const isOther = `(resource_type, key) not in (
        select json_extract(value, '$.resourceType'), json_extract(value, '$.key') from json_each(:subjects))`;
      const parameters = { subjects: JSON.stringify(subjects) };
      run(
        `
          insert into requeue (target, resource_type, key, this_pass)
          select :target, resource_type, key, 0 from candidate where ${isOther}
          on conflict (target, resource_type, key) do update set this_pass = 0`,
        parameters,
      );
      run(`delete from candidate where ${isOther}`, parameters);
    },

    candidates(after: number, limit: number): { page: readonly Candidate[]; next: number | undefined } {
      const rows = page.all({ target, after, limit }) as CandidateRow[];
      return { page: rows.map(toCandidate), next: rows.at(-1)?.id };
    },

    selectMemberships(scope: PlanningScope, groups: Iterable<SourceKey>, maxMembers?: number): void {
      db.exec('delete from membership_candidate; delete from membership_order');
      if (scope.kind === 'full') {
        addMemberships('select group_key, member_key from source_membership where removed_in is null');
        addMemberships('select group_key, member_key from membership where target = :target');
        addMemberships('select group_key, member_key from requeue_membership where target = :target and in_doubt = 1');
      } else {
        if (scope.kind === 'changed')
          addMemberships('select group_key, member_key from source_membership where changed_in > :after', {
            after: scope.after,
          });
        addMemberships(
          'select group_key, member_key from requeue_membership where target = :target and this_pass >= :thisPass',
          {
            thisPass: scope.kind === 'followUp' ? 1 : 0,
          },
        );
        // A candidate user may have joined or left, so all memberships are compared; a user has few of them.
        const candidateUsers = `(select key from candidate where resource_type = 'User')`;
        addMemberships(`
          select group_key, member_key from source_membership where removed_in is null
            and member_key in ${candidateUsers}`);
        addMemberships(`
          select group_key, member_key from membership where target = :target
            and member_type = 'User'
            and member_key in ${candidateUsers}`);
        for (const key of groups) {
          addMemberships(
            `
              select group_key, member_key from source_membership
              where (group_key = :key or member_key = :key) and removed_in is null`,
            { key },
          );
          addMemberships('select group_key, member_key from membership where target = :target and group_key = :key', {
            key,
          });
          addMemberships(
            `
              select group_key, member_key from membership where target = :target
                and member_type = 'Group' and member_key = :key`,
            { key },
          );
        }
      }
      // A membership whose change is unknown in this pass is not sent twice in it.
      if (scope.kind === 'followUp')
        run(
          `
            delete from membership_candidate as c
            where exists (
              select 1
              from operation_member m indexed by operation_member_by_key
              join operation o on o.id = m.operation
              where m.key = c.member_key
                and o.key = c.group_key
                and o.action = 'members'
                and o.target = :target
                and o.pass = (select max(id) from pass)
                and o.state = 'unknown'
            )`,
          {},
        );
      if (maxMembers !== undefined) {
        addMemberships(
          `
            select group_key, member_key from source_membership where removed_in is null
              and group_key in (
                select group_key from (select distinct group_key from membership_candidate) c
                where (
                  select count(*) from membership m where m.target = :target and m.group_key = c.group_key
                ) >= :maxMembers
              )`,
          { maxMembers },
        );
      }
      db.exec(`
        insert into membership_order (group_key, member_key)
        select group_key, member_key from membership_candidate
        order by group_key, member_key`);
    },

    memberships(after: number, limit: number): { page: readonly MembershipCandidate[]; next: number | undefined } {
      const rows = membershipPage.all({ target, after, limit }) as MembershipRow[];
      return { page: rows.map(toMembershipCandidate), next: rows.at(-1)?.id };
    },
  };
}
