import type { Clock } from '../model/world.ts';

/** Carrying out gets at least so long, and so many times what planning took, so that a source that changes all the time cannot keep it from getting on. */
const leastMs = 500;
const shareOfPlanning = 4;

export interface Way {
  /** Aborted when carrying out is to end: by the stop, or by news that waited long enough. */
  readonly signal: AbortSignal;
  readonly gaveWay: () => boolean;
  readonly end: () => void;
}

/**
 * Lets a pass that has much to carry out give way to news from its source: what was not sent is found again by the next pass, which sends removals first.
 * A first load of an hour does not keep a leaver's access open for an hour.
 */
export function givingWay(clock: Clock, news: AbortSignal | undefined, planningMs: number, stop: AbortSignal): Way {
  const over = new AbortController();
  const way = new AbortController();
  const earliest = clock.now() + Math.max(leastMs, shareOfPlanning * planningMs);
  const yieldSoon = async (): Promise<void> => {
    const left = earliest - clock.now();
    if (left > 0) await clock.sleep(left, over.signal);
    way.abort(new Error('the source has changed'));
  };
  const hear = (): void => {
    // A pass that has ended needs no way.
    yieldSoon().catch(() => undefined);
  };
  if (news?.aborted === true) hear();
  else news?.addEventListener('abort', hear, { once: true, signal: over.signal });
  return {
    signal: AbortSignal.any([stop, way.signal]),
    gaveWay: () => way.signal.aborted,
    end: () => {
      over.abort();
    },
  };
}
