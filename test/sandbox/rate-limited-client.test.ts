import { describe, expect, test } from '@jest/globals';
import { createTarget } from '../../src/scim/target.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { create, never, operationContext, profile, secret } from '../scim/fixtures.ts';
import { sandboxToken, startInProcessSandbox } from '../world/in-process-sandbox.ts';
import { seededRandom } from '../world/random.ts';
import { createSkippingClock } from '../world/skipping-clock.ts';
import { maxInAnySecond } from './times.ts';

interface Arrivals {
  /** The statuses of all responses. */
  readonly statuses: readonly number[];
  /** When the sandbox received the creates, in ms of the simulated clock. */
  readonly creates: readonly number[];
}

/** Creates users in a sandbox that allows a rate, with a client that has the same limit. */
async function createUsers(rate: number, count: number, options: Partial<SandboxOptions>): Promise<Arrivals> {
  const clock = createSkippingClock();
  const { sandbox, send } = startInProcessSandbox({ clock, requestsPerSecond: rate, ...options });
  const target = createTarget(
    {
      name: 'app',
      url: sandbox.url,
      profile: profile({ limits: { requestsPerSecond: rate, concurrency: 8 } }),
      auth: { type: 'bearer', token: secret(sandboxToken) },
      timeoutMs: 30_000,
      version: '1.2.3',
    },
    { clock, random: seededRandom(4711), send },
  );
  for (let number = 0; number < count; number += 1)
    await target.submit(async () => {
      const { outcome } = await target.perform(operationContext(create(`user${number}`)), never);
      expect(outcome.kind).toBe('done');
    });
  await target.idle();
  target.close();
  expect(sandbox.users()).toHaveLength(count);
  return {
    statuses: sandbox.log.map(({ status }) => status),
    creates: sandbox.log.filter(({ method }) => method === 'POST').map(({ at }) => at),
  };
}

describe('a client with the rate limit of its application', () => {
  test.each([
    [20, 100],
    [80, 320],
  ])('at %i requests per second: no 429, and at least 97 %% of the rate', async (rate, count) => {
    const { statuses, creates } = await createUsers(rate, count, { latencyMs: 20 });
    expect(statuses.filter((status) => status !== 201)).toEqual([]);
    expect(maxInAnySecond(creates)).toBeLessThanOrEqual(rate);
    const durationMs = (creates.at(-1) ?? 0) - (creates[0] ?? 0);
    expect((creates.length - 1) / (durationMs / 1000)).toBeGreaterThanOrEqual(0.97 * rate);
  });

  test('retries count too', async () => {
    const { statuses, creates } = await createUsers(20, 45, {
      faults: [{ do: 'status', status: 503, match: { method: 'POST', every: 8 } }],
    });
    expect(statuses.filter((status) => status === 503)).toHaveLength(6);
    expect(statuses).not.toContain(429);
    expect(maxInAnySecond(creates)).toBeLessThanOrEqual(20);
  });
});
