import { instant, type Instant } from '../model/ids.ts';
import type { LaneState } from '../model/target/lane-state.ts';
import type { Db } from './database.ts';
import { openFailing, type FailingRecord } from './failing.ts';
import { laneState } from './lanes/lanes.ts';
import { optionalInstant } from './sqlite/rows.ts';

/** The part of a target's status whose cost does not grow with its accounts. */
export interface TargetBasics {
  readonly id: number;
  readonly name: string;
  /** What its lane did when it last changed; undefined: it is free. */
  readonly lane: LaneState | undefined;
  /** Number of readings that were committed since this target was last compared. */
  readonly behind: number;
  readonly last:
    | {
        readonly pass: number;
        readonly at: Instant;
        readonly ended: Instant | undefined;
        readonly result: string | undefined;
        readonly summary: unknown;
      }
    | undefined;
  /** The first records and groups whose last operation did not succeed, with the last response. */
  readonly failing: readonly FailingRecord[];
}

/** Opens that part for all targets, by name. */
export function openTargetBasics(db: Db): () => readonly TargetBasics[] {
  const selectLast = db.prepare(`
    select p.id as pass, p.started as at, p.ended, p.result, t.summary
    from pass_target t
    join pass p on p.id = t.pass
    where t.target = ?
    order by t.pass desc
    limit 1`);
  const failing = openFailing(db);
  return () => {
    const reading = (db.prepare('select number from reading').pluck().get() as number | undefined) ?? 0;
    const targets = db
      .prepare('select id, name, planned_reading as plannedReading from target order by name')
      .all() as {
      id: number;
      name: string;
      plannedReading: number;
    }[];
    return targets.map(({ id, name, plannedReading }) => ({
      ...{ id, name, lane: laneState(db, id) },
      behind: Math.max(0, reading - plannedReading),
      last: lastOf(selectLast.get(id) as LastRow | undefined),
      failing: failing(id),
    }));
  };
}

interface LastRow {
  readonly pass: number;
  readonly at: number;
  readonly ended: number | null;
  readonly result: string | null;
  readonly summary: string;
}

const lastOf = (row: LastRow | undefined): TargetBasics['last'] =>
  row === undefined
    ? undefined
    : {
        pass: row.pass,
        at: instant(row.at),
        ended: optionalInstant(row.ended),
        result: row.result ?? undefined,
        summary: JSON.parse(row.summary) as unknown,
      };
