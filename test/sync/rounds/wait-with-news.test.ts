import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { waitWithNews } from '../../../src/sync/rounds/wait-with-news.ts';
import { hurriedClock, never } from '../../scim/fixtures.ts';

test('news is executed while a round waits, and the wait ends at its moment', async () => {
  const clock = hurriedClock();
  const start = clock.now();
  const executed: number[] = [];
  const arrivals = [0, 730, 4_990];
  const news = {
    isPending: () => (arrivals[0] ?? Infinity) <= clock.now() - start,
    async execute() {
      arrivals.shift();
      executed.push(clock.now() - start);
    },
  };
  expect(await waitWithNews(clock, instant(start + 5_000), news, never)).toBe(true);
  expect(executed).toEqual([0, 800, 5_000]);
  expect(clock.now() - start).toBe(5_000);
});

test('a stop ends the wait', async () => {
  const noNews = { isPending: () => false, execute: () => Promise.resolve() };
  const clock = hurriedClock();
  expect(await waitWithNews(clock, instant(clock.now() + 5_000), noNews, AbortSignal.abort())).toBe(false);
});
