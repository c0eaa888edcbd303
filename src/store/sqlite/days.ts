import { addDays } from '../../model/dates/zone.ts';
import type { BoundarySpan, MovedLimit } from '../../model/dates/validity.ts';
import { instant, type Instant } from '../../model/ids.ts';
import { dayMs } from '../../model/time.ts';
import type { Db } from '../database.ts';

const prepared = new WeakSet<Db>();

/** Defines the SQL function `add_days(at, days, zone)`: calendar days, as `addDays` counts them. */
export function defineAddDays(db: Db): void {
  if (prepared.has(db)) return;
  db.function('add_days', { deterministic: true }, (at, days, zone) =>
    addDays(instant(Number(at)), Number(days), String(zone)),
  );
  prepared.add(db);
}

/**
 * How much calendar days can differ from the same number of 24 hours, in ms: a zone moved over the date line by 24
 * hours, and clocks change in addition. An index finds the times in this range; `add_days` decides.
 */
export const daysToleranceMs = 2 * dayMs;

/** The column of a limit of the period. */
export const limitColumn = (limit: MovedLimit['limit']): 'valid_from' | 'valid_to' =>
  limit === 'validFrom' ? 'valid_from' : 'valid_to';

/**
 * The users whose moved limit falls in a span, by the index of its column.
 *
 * @param suffix makes the names of the parameters unique in a statement with several spans
 */
export function usersInSpan({ limit, days, zone, after, until }: BoundarySpan, suffix = '') {
  const column = limitColumn(limit);
  const moved = `add_days(${column}, :days${suffix}, coalesce(zone, :zone${suffix}))`;
  const isExact = days === 0 ? '' : `and ${moved} > :after${suffix} and ${moved} <= :until${suffix}`;
  const tolerance = days === 0 ? 0 : daysToleranceMs;
  return {
    sql: `
      select resource_type, key from record indexed by record_by_${column}
      where ${column} > :low${suffix} and ${column} <= :high${suffix} and resource_type = 'User'
        and removed_in is null ${isExact}`,
    parameters: {
      [`low${suffix}`]: (after ?? beginning) - days * dayMs - tolerance,
      [`high${suffix}`]: until - days * dayMs + tolerance,
      ...(days === 0
        ? {}
        : {
            [`days${suffix}`]: days,
            [`zone${suffix}`]: zone,
            [`after${suffix}`]: after ?? beginning,
            [`until${suffix}`]: until,
          }),
    },
  };
}

/** Before all dates, and far from the limits of numbers. */
const beginning = -(2 ** 52);

/** Whether the account `a` is inactive for :days calendar days, counted in the zone of its user, or else in :zone. */
export const isInactiveForDays = `
  a.inactive_since <= :inactiveUntil
  and add_days(a.inactive_since, :days, coalesce((
    select zone from record z where z.resource_type = a.resource_type and z.key = a.key and z.removed_in is null
  ), :zone)) <= :now`;

/** The parameters of `isInactiveForDays`. */
export const inactivityParameters = ({
  days,
  zone,
  now,
}: {
  readonly days: number;
  readonly zone: string;
  readonly now: Instant;
}) => ({ days, zone, now, inactiveUntil: now - days * dayMs + daysToleranceMs });
