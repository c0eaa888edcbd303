/**
 * How long the target takes until a write is visible, and when the last write took place. Shared by all sessions with
 * that target.
 */
export interface ConsistencyDelay {
  /** Milliseconds until a read by id shows a write. */
  readMs: number;
  /** Milliseconds until lists and filters show a write. */
  searchMs: number;
  /** Time of the last write, in milliseconds. */
  lastWriteAt: number;
}

export const noDelay = (): ConsistencyDelay => ({ readMs: 0, searchMs: 0, lastWriteAt: Number.NEGATIVE_INFINITY });

/**
 * Repeats an attempt until its result is done or the waits are used up.
 *
 * @param waitsMs waits before the second, third … attempt, in milliseconds
 * @returns the last result, and the sum of the waits before it
 */
export type Poll = <T>(
  waitsMs: readonly number[],
  attempt: () => Promise<T>,
  isDone: (result: T) => boolean,
) => Promise<{ readonly result: T; readonly waitedMs: number }>;

/** Repeats an attempt with waits in between until it succeeds or the waits are used up. */
export const createPoll =
  (pause: (milliseconds: number) => Promise<void>): Poll =>
  async (waitsMs, attempt, isDone) => {
    let result = await attempt();
    let waitedMs = 0;
    for (const wait of waitsMs) {
      if (isDone(result)) break;
      await pause(wait);
      waitedMs += wait;
      result = await attempt();
    }
    return { result, waitedMs };
  };
