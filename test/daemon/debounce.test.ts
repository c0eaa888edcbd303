import { describe, expect, test } from '@jest/globals';
import { debounce } from '../../src/daemon/debounce.ts';
import { createManualClock } from './manual-clock.ts';

const options = { quietMs: 10, maxWaitMs: 35 };

/** Milliseconds at which calls were made, for news at these milliseconds. */
async function callTimes(news: readonly number[], until: number, stopAt = Infinity): Promise<readonly number[]> {
  const clock = createManualClock();
  const stop = new AbortController();
  const callsAt: number[] = [];
  let at = 0;
  const notify = debounce(clock, options, () => callsAt.push(at), stop.signal);
  for (; at <= until; at += 1) {
    if (at === stopAt) stop.abort(new Error('stop'));
    if (news.includes(at)) notify();
    await clock.advance(1);
  }
  return callsAt;
}

const every = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);

describe('one call', () => {
  test.each<[string, readonly number[], readonly number[]]>([
    ['for one piece of news, when it has been quiet', [5], [14]],
    ['for several shortly after each other', [5, 9, 12], [21]],
    ['each, where it was quiet between', [5, 40], [14, 49]],
    ['after the longest wait, where it never becomes quiet', every(0, 30, 3), [34]],
    ['at least every longest wait in a storm', every(0, 100, 3), [34, 70, 106]],
    ['for none', [], []],
  ])('%s', async (_, news, expected) => {
    expect(await callTimes(news, 150)).toEqual(expected);
  });

  test('is not made after the stop', async () => expect(await callTimes([5, 30], 100, 8)).toEqual([]));
});
