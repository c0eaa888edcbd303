import { describe, expect, test } from '@jest/globals';
import { preemptible } from '../../../src/sync/lanes/preemption.ts';
import { createManualClock } from '../../daemon/manual-clock.ts';

interface Given {
  readonly planningMs: number;
  readonly sourceChangedAt?: number;
  readonly stopAt?: number;
  readonly endAt?: number;
}

/** The millisecond at which execution must end, and why; undefined: it need not end. */
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
    if (preemption.signal.aborted) return [at + 1, preemption.wasPreempted() ? 'preempted' : 'stopped'];
  }
  return undefined;
}

describe('execution', () => {
  test.each<[string, Given, readonly [number, string] | undefined]>([
    ['continues if the source does not change', { planningMs: 10 }, undefined],
    ['runs for at least 500 ms', { planningMs: 10, sourceChangedAt: 5 }, [500, 'preempted']],
    ['runs for 500 ms after a change during planning', { planningMs: 10, sourceChangedAt: -1 }, [500, 'preempted']],
    ['runs for at least four times the planning time', { planningMs: 300, sourceChangedAt: 5 }, [1200, 'preempted']],
    ['is preempted at once after that', { planningMs: 10, sourceChangedAt: 700 }, [701, 'preempted']],
    ['is stopped at once', { planningMs: 300, sourceChangedAt: 5, stopAt: 20 }, [21, 'stopped']],
    ['is not preempted after its end', { planningMs: 10, sourceChangedAt: 5, endAt: 100 }, undefined],
  ])('%s', async (_, given, expected) => expect(await ended(given)).toEqual(expected));
});
