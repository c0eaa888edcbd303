import type { Instant } from '../../model/ids.ts';
import type { Drift, DriftPosition } from '../../model/target/drift.ts';
import type { Db } from '../database.ts';

/** Where a target no longer holds what it acknowledged, in numbers. */
export interface DriftStatus {
  /** Open differences by kind; absent: none. */
  readonly counts: Readonly<Partial<Record<Drift['kind'], number>>>;
  /** When the last check that compared everything ended; undefined: none did. */
  readonly comparedAt: Instant | undefined;
  /** When the running check began; undefined: none is running. */
  readonly runningSince: Instant | undefined;
}

/** Nothing was compared. */
export const noDrift: DriftStatus = { counts: {}, comparedAt: undefined, runningSince: undefined };

/** Counts the open differences of a target. */
export function driftStatus(db: Db, target: number): DriftStatus {
  const rows = db
    .prepare(
      'select difference, count(*) as count from drift where target = ? and closed_at is null group by difference',
    )
    .all(target) as { difference: Drift['kind']; count: number }[];
  const text = db.prepare('select position from drift_check where target = ?').pluck().get(target) as
    string | undefined;
  const position = text === undefined ? undefined : (JSON.parse(text) as DriftPosition);
  return {
    counts: Object.fromEntries(rows.map(({ difference, count }) => [difference, count])),
    comparedAt: position?.endedAt,
    runningSince: position === undefined || position.phase === 'ended' ? undefined : position.startedAt,
  };
}
