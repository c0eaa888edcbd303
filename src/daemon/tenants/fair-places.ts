/** A limited number of places, which those who wait for them share fairly. */
export interface FairPlaces {
  /**
   * Waits for a place.
   *
   * @returns frees the place; only the first call counts
   * @throws the reason of the signal
   */
  take(owner: string, signal: AbortSignal): Promise<() => void>;
}

type Waiter = (free: () => void) => void;

/**
 * Creates places. A free one goes to the owner that has the fewest, and among equals to the one whose turn is the
 * longest ago. So an owner with a hundred thousand requests delays the only one of another by no more than the end of
 * one request, and an owner whose requests never end leaves places for the others:
 *
 *     a waits with many, b with one    a a a a b a a a …
 *
 * @param limit of all owners together
 * @param perOwner of each owner
 */
export function createFairPlaces(limit: number, perOwner: number): FairPlaces {
  let taken = 0;
  const held = new Map<string, number>();
  /** By owner, in the order of their turns. */
  const waiting = new Map<string, Waiter[]>();

  const placesOf = (owner: string): number => held.get(owner) ?? 0;
  const hasRoom = (owner: string): boolean => taken < limit && placesOf(owner) < perOwner;

  function grant(owner: string): () => void {
    taken += 1;
    held.set(owner, placesOf(owner) + 1);
    let isFreed = false;
    return () => {
      if (isFreed) return;
      isFreed = true;
      taken -= 1;
      if (placesOf(owner) > 1) held.set(owner, placesOf(owner) - 1);
      else held.delete(owner);
      grantNext();
    };
  }

  function nextOwner(): string | undefined {
    let next: string | undefined;
    for (const owner of waiting.keys())
      if (hasRoom(owner) && (next === undefined || placesOf(owner) < placesOf(next))) next = owner;
    return next;
  }

  function grantNext(): void {
    for (let owner = nextOwner(); owner !== undefined; owner = nextOwner()) {
      const waiters = waiting.get(owner) ?? [];
      const waiter = waiters.shift();
      // The last in the order of turns, if more of its requests wait.
      waiting.delete(owner);
      if (waiters.length > 0) waiting.set(owner, waiters);
      waiter?.(grant(owner));
    }
  }

  function wait(owner: string, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const waiters = waiting.get(owner) ?? [];
      waiting.set(owner, waiters);
      const waiter: Waiter = (free) => {
        signal.removeEventListener('abort', giveUp);
        resolve(free);
      };
      const giveUp = (): void => {
        const now = waiting.get(owner)?.filter((other) => other !== waiter) ?? [];
        if (now.length === 0) waiting.delete(owner);
        else waiting.set(owner, now);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiters.push(waiter);
    });
  }

  return {
    async take(owner, signal) {
      if (signal.aborted) throw signal.reason;
      return hasRoom(owner) ? grant(owner) : wait(owner, signal);
    },
  };
}
