import { setTimeout as later } from 'node:timers/promises';

/** A text over and over, up to a length at which the square of it takes longer than a test may, and the length itself a moment. */
export const longText = (text: string, length = 100_000): string => text.repeat(Math.ceil(length / text.length));

/**
 * Work that must not take the square of its input. No clock of ours decides: jest cannot interrupt what never waits, but its own time-out,
 * which is due before this pause, fails the test afterwards.
 */
export async function inLinearTime(work: () => void): Promise<void> {
  work();
  await later(0);
}
