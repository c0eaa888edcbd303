import type { Statement } from 'better-sqlite3';
import type { SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import type { MembershipCandidate, PlanningScope } from '../store.ts';
import { toMembershipCandidate, type MembershipRow } from './candidate-rows.ts';

const tables = `
  create temp table if not exists membership_candidate (
    id integer primary key, group_key text not null, member_key text not null, unique (group_key, member_key));
  create temp table if not exists membership_order (
    id integer primary key, group_key text not null, member_key text not null);`;

/** Selects the memberships that a planning compares. `openCandidates` has created the table of candidates. */
export function openMembershipCandidates(db: Db, target: number) {
  db.exec(tables);
  const statements = new Map<string, Statement>();
  const run = (sql: string, parameters: Record<string, unknown>): void => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)));
    statement.run({ target, ...parameters });
  };
  const addMemberships = (sql: string, parameters: Record<string, unknown> = {}): void => {
    run(`insert or ignore into membership_candidate (group_key, member_key) ${sql}`, parameters);
  };
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
    selectMemberships(scope: PlanningScope, groups: Iterable<SourceKey>, maxMembers?: number): void {
      db.exec('delete from membership_candidate; delete from membership_order');
      if (scope.kind === 'full') {
        addMemberships('select group_key, member_key from source_membership where removed_in is null');
        addMemberships('select group_key, member_key from membership where target = :target');
        addMemberships('select group_key, member_key from requeue_membership where target = :target and in_doubt = 1');
      } else {
        if (scope.kind !== 'followUp')
          addMemberships('select group_key, member_key from source_membership where changed_in > :after', {
            after: scope.after,
          });
        // What the running pass has not sent is in the queue, too: news is planned without it.
        if (scope.kind !== 'news')
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
                and o.pass = :pass
                and o.state = 'unknown'
            )`,
          { pass: scope.pass },
        );
      if (maxMembers !== undefined) {
        // Additions that an earlier round has not sent take places, too: in news, all of a group are compared.
        const table = scope.kind === 'news' ? 'source_membership' : 'membership';
        const isCounted = scope.kind === 'news' ? 'm.removed_in is null' : 'm.target = :target';
        addMemberships(
          `
            select group_key, member_key from source_membership where removed_in is null
              and group_key in (
                select group_key from (select distinct group_key from membership_candidate) c
                where (
                  select count(*) from ${table} m where ${isCounted} and m.group_key = c.group_key
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
