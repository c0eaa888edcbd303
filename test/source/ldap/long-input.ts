import { setTimeout as later } from 'node:timers/promises';

/** A repeated text, long enough that quadratic work exceeds the timeout of a test and linear work takes a moment. */
export const longText = (text: string, length = 100_000): string => text.repeat(Math.ceil(length / text.length));

/**
 * Work that must be linear in the length of its input. No clock of ours decides: jest cannot interrupt what never
 * waits, but its own time-out, which is due before this pause, fails the test afterwards.
 */
export async function inLinearTime(work: () => void): Promise<void> {
  work();
  await later(0);
}
