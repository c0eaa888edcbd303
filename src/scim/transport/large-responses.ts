/** Bytes that each response may read without a turn. A page of a listing is usually smaller. */
export const freeBytes = 256 * 1024;

/** Turns for responses that are larger than `freeBytes`. */
export interface LargeResponses {
  /**
   * Waits for a turn.
   *
   * @returns ends the turn
   * @throws the signal's reason
   */
  takeTurn(signal: AbortSignal): Promise<() => void>;
}

/**
 * Limits how many large responses are read at the same time; the others wait in order of arrival, and the network
 * holds their bytes back.
 *
 * A turn is enough for a whole response, so that a response that has one always ends, and no two responses wait for
 * each other.
 */
export function createLargeResponses(turns: number): LargeResponses {
  let free = turns;
  const waiters: (() => void)[] = [];

  const end = (): void => {
    const next = waiters.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const oneEnd = (): (() => void) => {
    let hasEnded = false;
    return () => {
      if (!hasEnded) end();
      hasEnded = true;
    };
  };

  return {
    takeTurn(signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(oneEnd());
      }
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          waiters.splice(waiters.indexOf(grant), 1);
          reject(signal.reason as Error);
        };
        const grant = (): void => {
          signal.removeEventListener('abort', stop);
          resolve(oneEnd());
        };
        signal.addEventListener('abort', stop, { once: true });
        waiters.push(grant);
      });
    },
  };
}

/** The turns of this process: all targets share them. */
export const largeResponsesOfProcess: LargeResponses = createLargeResponses(4);
