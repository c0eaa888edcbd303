import { sourceKey, type Instant, type SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { defineAddDays, inactivityParameters, isInactiveForDays, usersInSpan } from '../sqlite/days.ts';
import type { DueTimes } from './suspensions-interface.ts';

/** What changed, or became due, since a target was last planned. It is found by indexes, and not planned. */
export interface PendingRecords {
  /** The number of users and groups. */
  count(): number;
  /** The users among them whose account is open at the target, in order of their keys. */
  usersWithAccess(): readonly SourceKey[];
}

/** @param target its id in the state */
export function openPending(db: Db, target: number, { boundaries, deletions }: DueTimes): PendingRecords {
  defineAddDays(db);
  const after = db.prepare('select planned_reading from target where id = ?').pluck().get(target);
  const spans = boundaries.map((span, index) => usersInSpan(span, String(index)));
  const bounds = Object.assign({}, ...spans.map((span) => span.parameters)) as Record<string, unknown>;
  const dated = spans.map(({ sql }) => ` union ${sql}`);
  const due = deletions === undefined ? {} : inactivityParameters(deletions);
  const pending = `
    select resource_type, key
    from record indexed by record_by_change
    where changed_in > :after
      and resource_type in ('User', 'Group')
    union
    select 'Group', group_key
    from source_membership indexed by source_membership_by_change
    where changed_in > :after
    union
    select resource_type, key from requeue where target = :target
    union
    select 'Group', group_key from requeue_membership where target = :target
    ${deletions === undefined ? '' : dueDeletions}
    ${dated.join('')}`;
  const parameters = { target, ...due, ...bounds, after };
  // A user whose memberships changed may lose access there by a rule.
  const withMembers = `
    ${pending}
    union
    select 'User', member_key
    from source_membership indexed by source_membership_by_change
    where changed_in > :after`;
  return {
    count: () => db.prepare(`select count(*) from (${pending})`).pluck().get(parameters) as number,
    usersWithAccess() {
      const keys = db
        .prepare(
          `
          select a.key
          from (${withMembers}) p
          join account a on a.target = :target and a.resource_type = p.resource_type and a.key = p.key
          where p.resource_type = 'User'
            and a.active = 1
            and a.missing_since is null
          order by a.key`,
        )
        .pluck()
        .all(parameters) as string[];
      return keys.map(sourceKey);
    },
  };
}

const dueDeletions = `
  union
  select resource_type, key
  from account a
  where target = :target
    and ${isInactiveForDays}`;

/** When a target was last planned; undefined: never. */
export const plannedAt = (db: Db, target: number): Instant | undefined =>
  (db.prepare('select planned_at from target where id = ?').pluck().get(target) as Instant | null) ?? undefined;
