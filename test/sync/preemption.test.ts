import { describe, expect, test } from '@jest/globals';
import { preemptible } from '../../src/sync/preemption.ts';
import { createManualClock } from '../daemon/manual-clock.ts';

interface Given {
  readonly planningMs: number;
  readonly sourceChangedAt?: number;
  readonly stopAt?: number;
  readonly endAt?: number;
}

/** The millisecond at which carrying out is told to end, and why; undefined where it is not. */
async function ended({
  planningMs,
  sourceChangedAt,
  stopAt,
  endAt,
}: Given): Promise<readonly [number, string] | undefined> {
  const clock = createManualClock();
  const [sourceChanged, stop] = [new AbortController(), new AbortController()];
  if (sourceChangedAt === -1) sourceChanged.abort();
  const preemption = preemptible(clock, sourceChanged.signal, planningMs, stop.signal);
  for (let at = 0; at < 2500; at += 1) {
    if (at === sourceChangedAt) sourceChanged.abort();
    if (at === stopAt) stop.abort(new Error('stop'));
    if (at === endAt) preemption.end();
    await clock.advance(1);
    if (preemption.signal.aborted) return [at + 1, preemption.wasPreempted() ? 'gave way' : 'stopped'];
  }
  return undefined;
}

describe('carrying out', () => {
  test.each<[string, Given, readonly [number, string] | undefined]>([
    ['goes on where there is no news', { planningMs: 10 }, undefined],
    ['gets its least time', { planningMs: 10, sourceChangedAt: 5 }, [500, 'gave way']],
    ['also where the news came while it was planned', { planningMs: 10, sourceChangedAt: -1 }, [500, 'gave way']],
    ['gets four times what planning took', { planningMs: 300, sourceChangedAt: 5 }, [1200, 'gave way']],
    ['gives way at once after that', { planningMs: 10, sourceChangedAt: 700 }, [701, 'gave way']],
    ['is stopped at once', { planningMs: 300, sourceChangedAt: 5, stopAt: 20 }, [21, 'stopped']],
    ['that has ended gives way to nobody', { planningMs: 10, sourceChangedAt: 5, endAt: 100 }, undefined],
  ])('%s', async (_, given, expected) => expect(await ended(given)).toEqual(expected));
});
