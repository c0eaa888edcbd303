import { setTimeout as sleep } from 'node:timers/promises';
import { instant } from '../model/ids.ts';
import type { Clock, Random } from '../model/clock.ts';

/** The clock of the operating system. */
export const realClock: Clock = {
  now: () => instant(Date.now()),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/** Pseudo-random numbers for jitter. */
export const realRandom: Random = () => Math.random();
