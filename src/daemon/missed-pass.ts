import type { Instant } from '../model/ids.ts';
import { minuteMs } from '../model/time.ts';

/** When a pass was at work. */
export interface PassTime {
  readonly started: Instant;
  readonly ended: Instant | undefined;
  /** It has accepted or refused its reading, so that the next pass may begin. */
  readonly hasRead: boolean;
}

/** A pass that did not begin at its time. */
export interface MissedPass {
  /** When the schedule expected it. */
  readonly expected: Instant;
  /** When a pass began after all; undefined: none did. */
  readonly began: Instant | undefined;
}

/** A pass may begin this much later, in ms: a source that is still written, a state in use. */
const graceMs = 10 * minuteMs;

/**
 * Whether passes did not run by the schedule: the next one is overdue, or the last one began late after a gap. One that
 * reads for a long time keeps the next one waiting, and is no gap.
 *
 * @param passes the last two of the daemon, the newest first
 * @param nextTick the first moment of the schedule after another one; undefined: none
 * @param isRunning whether a process is at work
 */
export function missedPass(
  [last, before]: readonly PassTime[],
  nextTick: (after: Instant) => Instant | undefined,
  { now, isRunning }: { readonly now: Instant; readonly isRunning: boolean },
): MissedPass | undefined {
  if (last === undefined) return undefined;
  const expected = nextTick(last.started);
  const isReading = isRunning && !last.hasRead;
  if (expected !== undefined && now > expected + graceMs && !isReading) return { expected, began: undefined };
  if (before?.ended === undefined || before.ended >= last.started) return undefined;
  const due = nextTick(before.started);
  return due !== undefined && last.started > Math.max(due, before.ended) + graceMs
    ? { expected: due, began: last.started }
    : undefined;
}
