import type { BoundarySpan } from '../model/dates/validity.ts';
import type { Instant } from '../model/ids.ts';
import type { Db } from './database.ts';
import { optionalInstant } from './sqlite/rows.ts';
import { nextFreezeEnd } from './suspensions/freezes.ts';

/** Looks up the earliest date after a moment, each by an index. Undefined: there is none. */
export interface NextDates {
  /** The dates of users who are active in the source. */
  validity(limit: BoundarySpan['limit'], after: Instant): Instant | undefined;
  /** The time since which an account of a target is inactive. */
  inactiveSince(target: string, after: Instant): Instant | undefined;
  /** The end of a freeze by time. */
  freezeEnd(after: Instant): Instant | undefined;
}

/** Opens the look-up of the next dates. */
export function openNextDates(db: Db): NextDates {
  const validity = (column: 'valid_from' | 'valid_to') =>
    db
      .prepare(
        `
        select ${column} from record indexed by record_by_${column}
        where ${column} > ? and resource_type = 'User' and active = 1 and removed_in is null
        order by ${column}
        limit 1`,
      )
      .pluck();
  const selectLimit = { validFrom: validity('valid_from'), validTo: validity('valid_to') };
  const selectInactive = db
    .prepare(
      `
      select inactive_since from account indexed by account_by_inactivity
      where target = (select id from target where name = ?) and inactive_since > ? and deletion_refused_at is null
      order by inactive_since
      limit 1`,
    )
    .pluck();
  return {
    validity: (limit, after) => optionalInstant(selectLimit[limit].get(after) as number | undefined),
    freezeEnd: (after) => nextFreezeEnd(db, after),
    inactiveSince: (target, after) => optionalInstant(selectInactive.get(target, after) as number | undefined),
  };
}
