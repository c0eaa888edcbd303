import { setTimeout as later } from 'node:timers/promises';

/** A repeated text: quadratic work on it exceeds the timeout of a test, and linear work takes milliseconds. */
export const longText = (text: string, length = 100_000): string => text.repeat(Math.ceil(length / text.length));

/**
 * Runs work that must be linear in the length of its input. The test measures no time: jest cannot interrupt
 * synchronous work, but fails the test during this pause if the work exceeded the timeout.
 */
export async function inLinearTime(work: () => void): Promise<void> {
  work();
  await later(0);
}
