import { describe, expect, test } from '@jest/globals';
import { givingWay } from '../../src/sync/giving-way.ts';
import { handClock } from '../daemon/hand-clock.ts';

interface Given {
  readonly planningMs: number;
  readonly newsAt?: number;
  readonly stopAt?: number;
  readonly endAt?: number;
}

/** The millisecond at which carrying out is told to end, and why; undefined where it is not. */
async function ended({ planningMs, newsAt, stopAt, endAt }: Given): Promise<readonly [number, string] | undefined> {
  const clock = handClock();
  const [news, stop] = [new AbortController(), new AbortController()];
  if (newsAt === -1) news.abort();
  const way = givingWay(clock, news.signal, planningMs, stop.signal);
  for (let at = 0; at < 2500; at += 1) {
    if (at === newsAt) news.abort();
    if (at === stopAt) stop.abort(new Error('stop'));
    if (at === endAt) way.end();
    await clock.pass(1);
    if (way.signal.aborted) return [at + 1, way.gaveWay() ? 'gave way' : 'stopped'];
  }
  return undefined;
}

describe('carrying out', () => {
  test.each<[string, Given, readonly [number, string] | undefined]>([
    ['goes on where there is no news', { planningMs: 10 }, undefined],
    ['gets its least time', { planningMs: 10, newsAt: 5 }, [500, 'gave way']],
    ['also where the news came while it was planned', { planningMs: 10, newsAt: -1 }, [500, 'gave way']],
    ['gets four times what planning took', { planningMs: 300, newsAt: 5 }, [1200, 'gave way']],
    ['gives way at once after that', { planningMs: 10, newsAt: 700 }, [701, 'gave way']],
    ['is stopped at once', { planningMs: 300, newsAt: 5, stopAt: 20 }, [21, 'stopped']],
    ['that has ended gives way to nobody', { planningMs: 10, newsAt: 5, endAt: 100 }, undefined],
  ])('%s', async (_, given, expected) => expect(await ended(given)).toEqual(expected));
});
