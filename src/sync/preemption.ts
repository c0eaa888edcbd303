import type { Clock } from '../model/clock.ts';

/** Carrying out gets at least so long, and so many times what planning took, so that a source that changes all the time cannot keep it from getting on. */
const minExecutionMs = 500;
const planningTimeFactor = 4;

export interface Preemption {
  /** Aborted when carrying out is to end: by the stop, or by news that waited long enough. */
  readonly signal: AbortSignal;
  readonly wasPreempted: () => boolean;
  readonly end: () => void;
}

/**
 * Lets a pass that has much to carry out give way to news from its source: what was not sent is found again by the next pass, which sends removals first.
 * A first load of an hour does not keep a leaver's access open for an hour.
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
    // A pass that has ended needs no way.
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
