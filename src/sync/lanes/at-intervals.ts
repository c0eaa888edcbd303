import type { Clock } from '../../model/clock.ts';

/**
 * A look at the state costs a tenth of a request, and a lane asks before each one. The requests of the next 25 ms wait
 * in a queue by then, so a command takes effect hardly later. In milliseconds.
 */
const intervalMs = 10;

/** Calls `look` at most once in 10 ms, however often the result is called. The first call always does. */
export function atIntervals({ now }: Pick<Clock, 'now'>, look: () => void): () => void {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    const elapsedMs = now() - lookedAt;
    // A clock that was set back does not stop the looks.
    if (elapsedMs >= 0 && elapsedMs < intervalMs) return;
    lookedAt = now();
    look();
  };
}
