import { OperatorError } from '../model/errors.ts';
import { instant, type Instant } from '../model/ids.ts';

const firstIntervalMs = 500;
const maxIntervalMs = 30_000;

/** Whether a pass failed because another process works on the state. */
export const isStateLocked = (error: unknown): boolean =>
  error instanceof OperatorError && error.code === 'state.locked';

/**
 * When a pass that found the state locked is tried again: after 0.5 s, 1 s, 2 s … at most 30 s. Most commands that lock
 * it end within seconds, and a leaver does not wait for the next tick.
 *
 * @param tries how often it found the state locked in a row, this time included
 */
export const lockedRetry = (now: Instant, tries: number): Instant =>
  instant(now + Math.min(firstIntervalMs * 2 ** (tries - 1), maxIntervalMs));
