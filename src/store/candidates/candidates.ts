import type { Statement } from 'better-sqlite3';
import type { BoundarySpan } from '../../model/dates/validity.ts';
import type { SourceKey } from '../../model/ids.ts';
import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { defineAddDays, inactivityParameters, isInactiveForDays, usersInSpan } from '../sqlite/days.ts';
import { doubtColumns, doubtJoin, joinedColumn } from '../sqlite/rows.ts';
import type { Candidate, PlanningScope, RecordRef, RequestedName } from '../store.ts';
import { toCandidate, type CandidateRow } from './candidate-rows.ts';

const tables = `
  create temp table if not exists candidate (
    id integer primary key, resource_type text not null, key text not null, unique (resource_type, key));`;

const accountColumns = [
  ...['remote_id', 'body', 'active', 'inactive_since', 'version', 'origin', 'in_doubt', 'missing_since'],
  ...['deletion_refused_at', 'may_have_duplicates', 'is_emptied', 'unproven_removals', 'awaits_start'],
];

/** One page of the candidates. Tables without a row that matters are left out: a first load reads all records. */
const pageOf = ({
  hasAccounts,
  hasQueue,
  hasInDoubt,
  hasJoins,
}: Readonly<Record<'hasAccounts' | 'hasQueue' | 'hasInDoubt' | 'hasJoins', boolean>>): string => `
  select c.id, c.resource_type, c.key, r.active as record_active, r.valid_from, r.valid_to,
    r.zone, r.attributes, r.removed_in,
    ${hasInDoubt ? doubtColumns : 'null as doubt_since, null as doubt_line, null as doubt_is_absent'},
    ${hasJoins ? joinedColumn : 'null as joined'},
    ${hasQueue ? 'd.verify_first, d.key is not null as is_requeued' : 'null as verify_first, 0 as is_requeued'},
    ${accountColumns.map((name) => (hasAccounts ? `a.${name}` : `null as ${name}`)).join(', ')}
  from candidate c
  left join record r on r.resource_type = c.resource_type and r.key = c.key
  ${hasInDoubt ? doubtJoin : ''}
  ${
    hasAccounts
      ? 'left join account a on a.target = :target and a.resource_type = c.resource_type and a.key = c.key'
      : ''
  }
  ${hasQueue ? 'left join requeue d on d.target = :target and d.resource_type = c.resource_type and d.key = c.key' : ''}
  where c.id > :after order by c.id
  limit :limit`;

/** A record that failed in this pass, or whose outcome is unknown, is not tried twice in it. */
const followUpsOfPass = `
  select resource_type, key from requeue q where target = :target and this_pass = 1
    and resource_type = :resourceType and not exists (
      select 1 from operation o indexed by operation_by_key where o.key = q.key
        and o.resource_type = q.resource_type and o.target = q.target and o.action <> 'members'
        and o.pass = :pass and o.state in ('failed', 'unknown')
    )`;

const changedWithAccount = `
  select r.resource_type, r.key
  from record r indexed by record_by_change
  cross join account a on a.target = :target
    and a.resource_type = r.resource_type
    and a.key = r.key
  where r.changed_in > :after
    and r.resource_type = 'User'
  order by r.id`;

/** The operation `o` waits in an earlier round of the pass. */
const isUnsent = `o.pass = :pass and o.target = :target and o.state = 'planned'`;

/**
 * Selects the records that a planning for this target must evaluate. The cost of a pass depends on their number, not on
 * the size of the directory.
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
  const addAll = (resourceType: ResourceType): void => {
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
      { resourceType },
    );
  };
  const addChanged = (
    resourceType: ResourceType,
    scope: Extract<PlanningScope, { readonly kind: 'changed' | 'news' }>,
  ): void => {
    // Without the index hint SQLite scans all records.
    addCandidates(
      `
        select resource_type, key from record indexed by record_by_change
        where changed_in > :after and resource_type = :resourceType order by id`,
      { resourceType, after: scope.after },
    );
    if (resourceType === 'User') for (const span of scope.boundaries ?? []) addWithBoundary(span);
    // What the running pass has not sent is in the queue, too: news is planned without it.
    if (scope.kind === 'changed')
      addCandidates(
        `
          select resource_type, key from requeue where target = :target
            and resource_type = :resourceType
          order by key`,
        { resourceType },
      );
  };
  const exists = (sql: string): boolean => db.prepare(`select exists (${sql})`).pluck().get({ target }) === 1;
  return {
    /** Users come before groups, so that a planning evaluates users before the memberships that depend on them. */
    selectCandidates(scope: PlanningScope): void {
      db.exec('delete from candidate');
      if (scope.kind === 'removals') {
        addCandidates(changedWithAccount, { after: scope.after });
        return;
      }
      for (const resourceType of resourceTypes) {
        if (scope.kind === 'followUp') {
          addCandidates(followUpsOfPass, { resourceType, pass: scope.pass });
          continue;
        }
        if (scope.kind === 'full') addAll(resourceType);
        else addChanged(resourceType, scope);
        if (scope.deletions === undefined) continue;
        const due = inactivityParameters(scope.deletions);
        // The accounts that were due at the last planning have operations in an earlier round of the pass.
        const since = scope.kind === 'news' ? scope.deletionsSince : undefined;
        addCandidates(
          `
            select resource_type, key from account a where target = :target
              and resource_type = :resourceType and ${isInactiveForDays}
              ${since === undefined ? '' : `and not (${isInactiveForDays.replaceAll(':now', ':since')})`}
            order by id`,
          { resourceType, ...due, ...(since === undefined ? {} : { since }) },
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

    /** Adds the records with an unsent operation: those of these holders, and those that would be created so named. */
    selectUnsent(pass: number, holders: readonly RecordRef[], names: readonly RequestedName[]): void {
      addCandidates(
        `
          select o.resource_type, o.key
          from json_each(:holders) r
          cross join operation o indexed by operation_by_key
          where o.key = r.value ->> 'key'
            and o.resource_type = r.value ->> 'resourceType'
            and o.action <> 'members'
            and ${isUnsent}`,
        { pass, holders: JSON.stringify(holders.map(({ resourceType, key }) => ({ resourceType, key }))) },
      );
      addCandidates(
        `
          select o.resource_type, o.key
          from json_each(:names) r
          cross join operation o indexed by operation_by_name
          where lower(o.name) = lower(r.value ->> 'name')
            and o.name = r.value ->> 'name'
            and o.state not in ('done', 'adopted')
            and o.resource_type = r.value ->> 'resourceType'
            and o.action = 'create'
            and ${isUnsent}`,
        { pass, names: JSON.stringify(names) },
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
      const page = pageOf({
        hasAccounts: exists('select 1 from account where target = :target'),
        hasQueue: exists('select 1 from requeue where target = :target'),
        hasInDoubt: exists('select 1 from record_in_doubt'),
        hasJoins: exists('select 1 from joined_source'),
      });
      const rows = db.prepare(page).all({ target, after, limit }) as CandidateRow[];
      return { page: rows.map(toCandidate), next: rows.at(-1)?.id };
    },
  };
}
