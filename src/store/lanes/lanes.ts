import { instant } from '../../model/ids.ts';
import type { LaneState } from '../../model/target/lane-state.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { LaneStates } from './lanes-interface.ts';

/** Opens the states of lanes. */
export function openLaneStates(
  db: Db,
  commits: GroupCommit,
  targetOf: (name: string) => { readonly id: number },
): LaneStates {
  return {
    save: (target, state) =>
      commits.write(() => {
        const { id } = targetOf(target);
        if (state === undefined) db.prepare('delete from lane where target = ?').run(id);
        else
          db.prepare(
            `insert or replace into lane (target, state, since, until, pass, reason)
            values (:id, :state, :since, :until, :pass, :reason)`,
          ).run({
            ...{ id, state: state.state, since: state.since, until: state.until ?? null },
            pass: state.state === 'busy' ? state.pass : null,
            reason: state.state === 'quarantined' ? state.reason : null,
          });
      }),
  };
}

/** What the lane of a target does; undefined: it is free. */
export function laneState(db: Db, target: number): LaneState | undefined {
  const row = db.prepare('select state, since, until, pass, reason from lane where target = ?').get(target) as
    { state: string; since: number; until: number | null; pass: number | null; reason: string | null } | undefined;
  if (row === undefined) return undefined;
  const since = instant(row.since);
  const until = optionalInstant(row.until);
  return row.state === 'busy'
    ? { state: 'busy', since, pass: row.pass ?? 0, until }
    : { state: 'quarantined', since, until: until ?? since, reason: row.reason ?? '' };
}
