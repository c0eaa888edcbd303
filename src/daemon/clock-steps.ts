import type { Clock } from '../model/clock.ts';

/** Interval of the comparison of both clocks, in ms. */
const intervalMs = 5_000;
/** NTP adjusts a clock by less than this in an interval, in ms. */
const minStepMs = 2_000;

/**
 * Watches the wall clock, until `stop` is aborted.
 *
 * @param elapsed milliseconds of a monotonic clock, which may pause while the computer is suspended
 * @param onStep is called with the milliseconds by which the wall clock went forward, or back (negative)
 */
export async function watchClock(
  clock: Clock,
  elapsed: () => number,
  onStep: (milliseconds: number) => void,
  stop: AbortSignal,
): Promise<void> {
  let difference = clock.now() - elapsed();
  while (!stop.aborted) {
    await clock.sleep(intervalMs, stop).catch(() => undefined);
    const step = clock.now() - elapsed() - difference;
    if (Math.abs(step) < minStepMs) continue;
    difference += step;
    onStep(step);
  }
}
