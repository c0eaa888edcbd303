import type { MovedLimit } from '../model/dates/validity.ts';
import type { Instant } from '../model/ids.ts';
import { dayMs } from '../model/time.ts';
import type { Db } from './database.ts';
import { daysToleranceMs, defineAddDays, limitColumn } from './sqlite/days.ts';
import { optionalInstant } from './sqlite/rows.ts';
import { nextFreezeEnd } from './suspensions/freezes.ts';

/** Looks up the earliest date after a moment, each by an index. Undefined: there is none. */
export interface NextDates {
  /** The moved dates of users who are active in the source. */
  validity(limit: MovedLimit, after: Instant): Instant | undefined;
  /** The time since which an account of a target is inactive, moved by calendar days in the zone of its user. */
  inactiveSince(target: string, moved: Omit<MovedLimit, 'limit'>, after: Instant): Instant | undefined;
  /** The end of a freeze by time. */
  freezeEnd(after: Instant): Instant | undefined;
  /** When the dates of several rows of one user may choose another row than in the last reading. */
  rowChoice(after: Instant): Instant | undefined;
}

/**
 * The earliest moved time after :after. The first stored time whose moved time is late enough is not always the one:
 * another zone may move a later one less.
 *
 *     :low │ … first … │ first + tolerance
 */
const earliest = (rows: string, column: string, zone: string): string => {
  const moved = `add_days(${column}, :days, ${zone})`;
  return `
    with first (at) as (
      select ${column} ${rows} and ${column} > :low and ${moved} > :after order by ${column} limit 1
    )
    select min(${moved}) ${rows} and ${column} > :low and ${moved} > :after
      and ${column} <= (select at from first) + :tolerance`;
};

/** Opens the look-up of the next dates. */
export function openNextDates(db: Db): NextDates {
  defineAddDays(db);
  const validity = (column: 'valid_from' | 'valid_to') =>
    earliest(
      `from record indexed by record_by_${column}
      where resource_type = 'User' and active = 1 and removed_in is null`,
      column,
      'coalesce(zone, :zone)',
    );
  const limits = (['validFrom', 'validTo'] as const).map(
    (limit) => [limit, db.prepare(validity(limitColumn(limit))).pluck()] as const,
  );
  const selectLimit = new Map(limits);
  const selectInactive = db
    .prepare(
      earliest(
        `from account a indexed by account_by_inactivity
        where target = (select id from target where name = :target) and deletion_refused_at is null`,
        'inactive_since',
        `coalesce((
          select zone from record r where r.resource_type = a.resource_type and r.key = a.key and r.removed_in is null
        ), :zone)`,
      ),
    )
    .pluck();
  const selectRowChoice = db
    .prepare(`select facts ->> '$.chooseAgainAt' as at from reading where facts ->> '$.chooseAgainAt' > ?`)
    .pluck();
  const parametersOf = ({ days, zone }: Omit<MovedLimit, 'limit'>, after: Instant) => {
    const tolerance = days === 0 ? 0 : 2 * daysToleranceMs;
    return { days, zone, after, low: after - days * dayMs - tolerance, tolerance };
  };
  return {
    validity: ({ limit, ...moved }, after) =>
      optionalInstant(selectLimit.get(limit)?.get(parametersOf(moved, after)) as number | null | undefined),
    freezeEnd: (after) => nextFreezeEnd(db, after),
    rowChoice: (after) => optionalInstant(selectRowChoice.get(after) as number | undefined),
    inactiveSince: (target, moved, after) =>
      optionalInstant(selectInactive.get({ target, ...parametersOf(moved, after) }) as number | null | undefined),
  };
}
