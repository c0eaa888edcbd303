import type { Instant } from '../../../model/ids.ts';
import type { LaneState } from '../../../model/target/lane-state.ts';
import { formatTime } from '../../../model/time.ts';
import type { TargetStatus } from '../../../store/target-status.ts';

/**
 * What the lane of a target does now; undefined: it is free.
 *
 * @param isRunning a process holds the lock of the state. Otherwise no lane is busy: the process that was has ended.
 */
export function laneNow(
  { lane, last }: Pick<TargetStatus, 'lane' | 'last'>,
  isRunning: boolean,
): LaneState | undefined {
  if (lane?.state === 'busy') return isRunning ? lane : undefined;
  // A later pass, such as one of `sync`, has tried the target since.
  return lane !== undefined && last !== undefined && last.at > lane.since ? undefined : lane;
}

/** "busy with pass 7 since …", "quarantined until …". */
export function laneText(lane: LaneState): string {
  if (lane.state === 'quarantined') return `quarantined until ${formatTime(lane.until)}: ${lane.reason}`;
  const waiting = lane.until === undefined ? '' : `; it asked for a pause, and waits until ${formatTime(lane.until)}`;
  return `busy with pass ${lane.pass} since ${formatTime(lane.since)}${waiting}`;
}

/** The same for `--json`. */
export function laneAsJson(lane: LaneState): Readonly<Record<string, unknown>> {
  const time = (at: Instant | undefined): string | null => (at === undefined ? null : formatTime(at));
  return { ...lane, since: time(lane.since), until: time(lane.until) };
}
