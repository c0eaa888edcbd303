import type { Clock } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';

/** How often a wait asks for news, in ms. */
const intervalMs = 100;

/** News that may come while a round waits; no request of the round is in flight. */
interface WaitingNews {
  isPending(): boolean;
  execute(): Promise<void>;
}

/**
 * Waits until a moment, and executes the news that comes meanwhile.
 *
 * @returns false if `stop` was aborted before
 */
export async function waitWithNews(
  clock: Clock,
  until: Instant,
  news: WaitingNews,
  stop: AbortSignal,
): Promise<boolean> {
  for (;;) {
    if (stop.aborted) return false;
    if (news.isPending()) await news.execute();
    const remainingMs = until - clock.now();
    if (remainingMs <= 0) return !stop.aborted;
    await clock.sleep(Math.min(remainingMs, intervalMs), stop).catch(() => undefined);
  }
}
