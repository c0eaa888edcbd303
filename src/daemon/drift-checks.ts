import type { Clock } from '../model/clock.ts';
import { instant, type Instant } from '../model/ids.ts';
import { minuteMs } from '../model/time.ts';
import type { Lane } from '../sync/lanes/lanes.ts';
import { isStateLocked } from './locked-state.ts';

/** A lane that is checked: it is free for a pass as soon as it is left. */
export interface CheckedLane extends Pick<Lane, 'news' | 'end' | 'waitUntil'> {
  /** @param needsPass a pass is to plan what the check found */
  leave(needsPass: boolean): Promise<void>;
}

/** What the checks of the daemon take from outside. */
export interface DriftChecksIo {
  readonly clock: Clock;
  /** Undefined: the lane works for a pass, or the target is quarantined or set aside. */
  readonly enter: (target: string) => CheckedLane | undefined;
  /** Continues the check of a target. @returns when it goes on, and whether a pass is to plan what it found */
  readonly check: (
    target: string,
    lane: CheckedLane,
  ) => Promise<{ readonly next: Instant; readonly needsPass: boolean }>;
  readonly onError: (error: unknown) => void;
}

/** A check that found the lane at work, or failed, is tried again after this time, in ms. */
const retryMs = 1_000;
/** A change of the clock is noticed within this time, in ms. */
const maxSleepMs = minuteMs;

/** Compares one target with the snapshot, slice by slice, until `stop` is aborted. Passes of the lane come first. */
export async function runDriftChecks(io: DriftChecksIo, target: string, stop: AbortSignal): Promise<void> {
  const { clock, enter, check, onError } = io;
  let next = clock.now();
  while (!stop.aborted) {
    const lane = clock.now() < next ? undefined : enter(target);
    if (lane !== undefined) {
      let needsPass = false;
      try {
        const slice = await check(target, lane);
        next = slice.next;
        needsPass = slice.needsPass;
      } catch (error) {
        next = instant(clock.now() + maxSleepMs);
        if (!stop.aborted && !isStateLocked(error)) onError(error);
      }
      await lane.leave(needsPass);
    }
    const remainingMs = next - clock.now();
    const sleepMs = remainingMs > 0 ? Math.min(remainingMs, maxSleepMs) : retryMs;
    await clock.sleep(sleepMs, stop).catch(() => undefined);
  }
}
