import { describe, expect, jest, test } from '@jest/globals';
import { company } from '../world/company.ts';
import { expectCode, taken, world } from '../world/setup.ts';

jest.setTimeout(60_000);

describe('the pace', () => {
  test.each([
    [20, 100],
    [80, 320],
  ])('of %i requests a second is never exceeded in any sliding second, and is kept up', async (rate, people) => {
    await using at = await world({ target: { limits: { requestsPerSecond: rate, concurrency: 8 } }, server: { latencyMs: 20 } });
    const made = company(101, people);
    for (const person of made.people.values()) person.manager = undefined;
    expectCode(await at.pass(made), 0);
    const times = taken(at.server).map((entry) => entry.at);
    const shortest = Math.min(...times.slice(rate).map((time, index) => time - (times[index] ?? 0)));
    expect(shortest).toBeGreaterThanOrEqual(1000);
    const posts = times.slice(-people);
    const sustained = ((posts.length - 1) * 1000) / ((posts.at(-1) ?? 0) - (posts[0] ?? 0));
    expect(sustained).toBeGreaterThanOrEqual(0.97 * rate);
  });

  test('holds for the retries too', async () => {
    await using at = await world({ target: { limits: { requestsPerSecond: 20 } }, server: { fault: (_entry, number) => (number % 8 === 0 ? { status: 503 } : undefined) } });
    expectCode(await at.pass(company(102, 45)), 0);
    const times = taken(at.server).map((entry) => entry.at);
    expect(Math.min(...times.slice(20).map((time, index) => time - (times[index] ?? 0)))).toBeGreaterThanOrEqual(1000);
  });
});
