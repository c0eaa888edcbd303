import type { Clock } from '../../model/clock.ts';
import { instant, type Instant } from '../../model/ids.ts';
import type { Retention } from '../../store/store.ts';

/** What decides how long the state keeps what was done, and how long a pass may tidy up after itself. Times in ms. */
export interface TidyOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly now: Instant;
  /** How long the pass took. */
  readonly passMs: number;
  readonly historyMs: number;
  /** The longest time for which a guard counts. */
  readonly guardWindowMs: number;
  /** When the last complete reading ended: removals count at least since then. */
  readonly lastReading: Instant | undefined;
  readonly stop: AbortSignal;
}

/** A pass tidies up for a tenth of its time, and at least for this time, in ms. */
const minTidyMs = 250;
const partOfPass = 0.1;

/** The clock may be set back, and the window of a guard may be made longer. In ms. */
const minGuardMs = 8 * 24 * 60 * 60 * 1000;

/** Removes from the state what is no longer needed, slice by slice. What is left is removed after the next pass. */
export async function tidyState(
  retention: Retention,
  { clock, now, passMs, historyMs, guardWindowMs, lastReading, stop }: TidyOptions,
): Promise<void> {
  const guardFrom = instant(Math.min(now - Math.max(guardWindowMs, minGuardMs), lastReading ?? now));
  const limits = { guardFrom, journalFrom: instant(Math.min(now - historyMs, guardFrom)) };
  const until = now + Math.max(minTidyMs, passMs * partOfPass);
  while (!stop.aborted && clock.now() < until && (await retention.tidy(limits)));
}
