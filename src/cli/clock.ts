import { setTimeout as sleep } from 'node:timers/promises';
import { instant } from '../model/ids.ts';
import type { Clock, Random } from '../model/clock.ts';

export const realClock: Clock = {
  now: () => instant(Date.now()),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

export const realRandom: Random = () => Math.random();
