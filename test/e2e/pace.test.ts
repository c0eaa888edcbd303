import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, jest, test } from '@jest/globals';
import { company } from '../world/company.ts';
import { expectCode, taken, world, type WorldOptions } from '../world/setup.ts';

jest.setTimeout(90_000);

interface Measured {
  /** The shortest time in which the application saw one request more than the limit, in milliseconds. Must be a second. */
  readonly shortest: number;
  /** Requests a second over all creates. */
  readonly sustained: number;
  /** By how much this process itself was late at most: so much later than it came may a request have been seen. */
  readonly late: number;
}

async function measure(rate: number, people: number, options: WorldOptions): Promise<Measured> {
  await using at = await world({ target: { limits: { requestsPerSecond: rate, concurrency: 8 } }, ...options });
  const made = company(101, people);
  for (const person of made.people.values()) person.manager = undefined;
  using delay = {
    histogram: monitorEventLoopDelay({ resolution: 1 }),
    [Symbol.dispose]() {
      this.histogram.disable();
    },
  };
  delay.histogram.enable();
  expectCode(await at.pass(made), 0);
  const times = taken(at.server).map((entry) => entry.at);
  const posts = times.slice(-people);
  return {
    shortest: Math.min(...times.slice(rate).map((time, index) => time - (times[index] ?? 0))),
    sustained: ((posts.length - 1) * 1000) / ((posts.at(-1) ?? 0) - (posts[0] ?? 0)),
    late: Math.max(0, delay.histogram.max / 1e6 - 2),
  };
}

describe('the pace', () => {
  test.each([
    [20, 100],
    [80, 320],
  ])('of %i requests a second is never exceeded in any sliding second, and is kept up', async (rate, people) => {
    // A machine that is busy with something else can keep anybody from sending; that is no reason to say that it was not kept up.
    let best = 0;
    for (let attempt = 0; attempt < 3 && best < 0.97 * rate; attempt += 1) {
      const { shortest, sustained, late } = await measure(rate, people, { server: { latencyMs: 20 } });
      expect(shortest + late).toBeGreaterThanOrEqual(1000);
      best = Math.max(best, sustained);
    }
    expect(best).toBeGreaterThanOrEqual(0.97 * rate);
  });

  test('holds for the retries too', async () => {
    const { shortest, late } = await measure(20, 45, {
      server: { fault: (_entry, number) => (number % 8 === 0 ? { status: 503 } : undefined) },
    });
    expect(shortest + late).toBeGreaterThanOrEqual(1000);
  });
});
