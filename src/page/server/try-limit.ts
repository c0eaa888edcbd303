import type { Clock } from '../../model/clock.ts';
import { minuteMs } from '../../model/time.ts';

/** Slows down clients that try tokens. */
export interface TryLimit {
  /** Whether the client tried too often in the last minute; its token is then not looked at. */
  isBlocked(client: string): boolean;
  /** Counts a wrong token. @returns how long to wait with the answer, in ms */
  countWrong(client: string): number;
}

const maxTriesPerMinute = 10;
const firstWaitMs = 250;
const maxWaitMs = 4_000;

/** Clients that are remembered: enough for a company, and too few to fill the memory. */
const maxClients = 1_000;

/** Creates the limit; each wrong token of a minute doubles the wait. */
export function createTryLimit(clock: Pick<Clock, 'now'>): TryLimit {
  const wrong = new Map<string, { count: number; readonly since: number }>();
  const recent = (client: string) => {
    const known = wrong.get(client);
    return known !== undefined && clock.now() - known.since < minuteMs ? known : undefined;
  };
  return {
    isBlocked: (client) => (recent(client)?.count ?? 0) >= maxTriesPerMinute,
    countWrong(client) {
      const known = recent(client) ?? { count: 0, since: clock.now() };
      known.count += 1;
      wrong.delete(client);
      wrong.set(client, known);
      const [oldest] = wrong.keys();
      if (wrong.size > maxClients && oldest !== undefined) wrong.delete(oldest);
      return Math.min(maxWaitMs, firstWaitMs * 2 ** (known.count - 1));
    },
  };
}
