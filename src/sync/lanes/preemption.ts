import type { Clock } from '../../model/clock.ts';

/**
 * Execution runs for at least 500 ms, or 4 times the planning time, before it can be preempted: a source that changes
 * all the time cannot starve it.
 */
const minExecutionMs = 500;
const planningTimeFactor = 4;

/** The preemption of one pass. */
export interface Preemption {
  /** Aborted when execution must end: by `stop`, or by a change in the source that waited long enough. */
  readonly signal: AbortSignal;
  /** Whether a change in the source ended execution. */
  readonly wasPreempted: () => boolean;
  /** Call this when the pass has finished. */
  readonly end: () => void;
}

/**
 * Ends the execution of a long pass when the source has changed. The next pass plans the unsent operations again and
 * sends removals first: a first load of an hour does not keep a leaver's access open for an hour.
 */
export function preemptible(
  clock: Clock,
  sourceChanged: AbortSignal | undefined,
  planningMs: number,
  stop: AbortSignal,
): Preemption {
  const ended = new AbortController();
  const preempt = new AbortController();
  const earliest = clock.now() + Math.max(minExecutionMs, planningTimeFactor * planningMs);
  const preemptSoon = async (): Promise<void> => {
    const remainingMs = earliest - clock.now();
    if (remainingMs > 0) await clock.sleep(remainingMs, ended.signal);
    preempt.abort(new Error('the source has changed'));
  };
  const onSourceChanged = (): void => {
    // The sleep is aborted when the pass has finished: nothing to preempt.
    preemptSoon().catch(() => undefined);
  };
  if (sourceChanged?.aborted === true) onSourceChanged();
  else sourceChanged?.addEventListener('abort', onSourceChanged, { once: true, signal: ended.signal });
  return {
    signal: AbortSignal.any([stop, preempt.signal]),
    wasPreempted: () => preempt.signal.aborted,
    end: () => {
      ended.abort();
    },
  };
}
