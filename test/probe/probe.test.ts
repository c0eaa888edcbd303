import { describe, expect, jest, test } from '@jest/globals';
import { realClock } from '../../src/cli/world.ts';
import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/world.ts';
import { Stopped, TargetGone } from '../../src/probe/probe.ts';
import { startSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { seeded } from '../world/random.ts';
import { oddServer } from './odd-server.ts';
import { probing } from './probing.ts';

jest.setTimeout(30_000);

const token = 'tok-odd-4711-secret';

async function sandboxOf(options: Partial<SandboxOptions> = {}) {
  const sandbox = await startSandbox({ clock: realClock, random: seeded(4711), token, ...options });
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.close() });
}

describe('the rehearsal application', () => {
  const usual = { deletionEndsMemberships: true };
  test.each([
    ['as it is', {}, usual, {}],
    ['without PATCH', { patch: false }, { ...usual, update: 'getThenPut' }, {}],
    ['that wants If-Match', { requireIfMatch: true }, { ...usual, ifMatch: 'always' }, {}],
    ['without versions', { etags: false }, usual, {}],
    ['that drops unknown members', { unknownMembers: 'drop' }, { ...usual, readBack: 'members' }, {}],
    ['that keeps memberships', { deletionEndsMemberships: false, unknownMembers: 'keep' }, {}, {}],
    ['that refuses attributes of its own accord', { strictSchema: true }, usual, {}],
    ['with names that two people may bear', { uniqueUserNames: false }, { ...usual, twins: ['User'] }, {}],
    ['with names that two groups may bear', { uniqueDisplayNames: false }, { ...usual, twins: ['Group'] }, {}],
  ] as const)('%s', async (_, options, speaks, holds) => {
    await using sandbox = await sandboxOf(options);
    const { written, remnants, ended } = await probing(sandbox.url);
    expect([ended, remnants, sandbox.users(), sandbox.groups()]).toEqual([undefined, [], [], []]);
    expect([written.speaks ?? {}, written.holds ?? {}, written.allows ?? {}]).toEqual([speaks, holds, {}]);
  });

  test('that counts requests is waited for', async () => {
    await using sandbox = await sandboxOf({ requestsPerSecond: 80, retryAfter: 'none' });
    const { written, remnants } = await probing(sandbox.url, { members: 1 });
    expect(sandbox.log.some(({ status }) => status === 429)).toBe(true);
    expect([remnants, sandbox.users(), written.speaks]).toEqual([[], [], usual]);
  });
});

describe('creates that are answered oddly', () => {
  test.each(['location', 'nothing'] as const)('with %s instead of the resource', async (made) => {
    await using server = await oddServer({ made });
    const { ended, remnants } = await probing(server.url);
    expect([ended, remnants, server.users.size, server.groups.size]).toEqual([undefined, [], 0, 0]);
  });

  test('with somebody who was there before: they are left alone, and the probe ends', async () => {
    await using server = await oddServer({ made: 'stranger' });
    const ada = { id: 'ada', userName: 'ada@example.com', active: true };
    server.users.set('ada', ada);
    const { ended, remnants } = await probing(server.url);
    expect(ended).toBeInstanceOf(TargetGone);
    expect(ended?.message).toMatch(/somebody else's account/);
    expect(server.lines.filter((line) => line.includes('/Users/ada') && !line.startsWith('GET'))).toEqual([]);
    expect(server.users.get('ada')).toEqual(ada);
    expect([...server.users.keys()]).toEqual(['ada']);
    expect(remnants).toEqual([]);
  });

  test('with a refusal, and kept all the same', async () => {
    await using server = await oddServer({ needs: ['emails'], keepsRefused: true });
    const { ended, remnants } = await probing(server.url);
    expect([ended, remnants, server.users.size]).toEqual([undefined, [], 0]);
  });
});

test.each([1, 3, 6, 9])(
  'an application that is busy for %i requests is left alone for a while, and what it says meanwhile is no finding',
  async (busy) => {
    await using server = await oddServer({ busy });
    const { written, remnants, ended } = await probing(server.url);
    expect([ended, remnants, server.users.size, server.groups.size]).toEqual([undefined, [], 0, 0]);
    expect([written.speaks, written.holds ?? {}, written.allows ?? {}]).toEqual([
      { deletionEndsMemberships: true },
      {},
      {},
    ]);
  },
);

describe('what shows late', () => {
  /** Real, with waits that pass at once. */
  function hastyClock(): Clock {
    let ahead = 0;
    return {
      now: () => instant(realClock.now() + ahead),
      sleep: (milliseconds, signal) => {
        if (milliseconds > 100_000) return realClock.sleep(milliseconds, signal);
        ahead += milliseconds;
        return realClock.sleep(0, signal);
      },
    };
  }

  test('is waited for, so that it is not taken for refused or ignored', async () => {
    const clock = hastyClock();
    await using server = await oddServer({
      late: { milliseconds: 1500, now: () => clock.now() },
      members: { remove: 'list' },
    });
    const { written, remnants, findings } = await probing(server.url, { clock });
    expect(findings.find(({ about }) => about === 'lateness')?.sentence).toMatch(
      /^a new person can be read only after about [\d.]+ s/,
    );
    expect([remnants, server.users.size, server.groups.size]).toEqual([[], 0, 0]);
    expect([written.speaks, written.holds ?? {}, written.allows ?? {}]).toEqual([
      { deletionEndsMemberships: true, removeMembers: 'list' },
      {},
      {},
    ]);
  });
});

describe('what stays', () => {
  test('is said to be closed where closed accounts are hidden from DELETE too, and nobody opens one again', async () => {
    await using server = await oddServer({ closed: { read: 'missing', kept: true, opens: 'never' } });
    const { remnants } = await probing(server.url, { members: 1 });
    expect(remnants.map(({ id, state }) => [id, state])).toEqual([...server.users.keys()].map((id) => [id, 'closed']));
    expect(remnants).toHaveLength(1);
  });

  test('is named where DELETE fails', async () => {
    await using server = await oddServer({ deletes: 'fails' });
    const { remnants } = await probing(server.url, { members: 1 });
    expect(remnants.map(({ id }) => id).sort()).toEqual([...server.users.keys(), ...server.groups.keys()].sort());
    expect(new Set(remnants.map(({ state }) => state))).toEqual(new Set(['there']));
  });

  test('is deactivated where there is no DELETE of people', async () => {
    await using server = await oddServer({ deletes: 'never' });
    const { remnants, written } = await probing(server.url, { members: 1 });
    expect(written.speaks).toMatchObject({ deletion: 'never' });
    expect(remnants.length).toBe(server.users.size);
    for (const { why } of remnants) expect(why).toMatch(/deactivated instead/);
    for (const user of server.users.values()) expect(user['active']).toBe(false);
  });

  test('is closed where DELETE only closes', async () => {
    await using server = await oddServer({ deletes: 'closes' });
    const { remnants, written } = await probing(server.url, { members: 1 });
    expect(written.speaks).toMatchObject({ deletion: 'deactivates' });
    expect(remnants.length).toBe(server.users.size);
    expect(new Set(remnants.map(({ state }) => state))).toEqual(new Set(['closed']));
  });
});

test('credentials that stop being taken end the probe; they are no finding', async () => {
  await using sandbox = await sandboxOf();
  const { ended, remnants, findings } = await probing(sandbox.url, {
    progress: (sentence) => {
      if (sentence === 'changing a person') sandbox.faults = [{ do: 'status', status: 401 }];
    },
  });
  expect(ended?.message).toMatch(/nothing any more but 401/);
  expect(findings.some(({ about }) => about === 'PATCH')).toBe(false);
  expect(remnants.map(({ name }) => name.toLowerCase()).sort()).toEqual(
    sandbox
      .users()
      .map(({ userName }) => String(userName).toLowerCase())
      .sort(),
  );
});

test('told to stop before it begins, it asks nothing', async () => {
  await using sandbox = await sandboxOf();
  const { ended } = await probing(sandbox.url, { signal: AbortSignal.abort() });
  expect(ended).toBeInstanceOf(Stopped);
  expect(sandbox.log).toEqual([]);
});

test('what the credentials do not allow says nothing about the application', async () => {
  await using sandbox = await sandboxOf({
    faults: [{ do: 'status', status: 403, match: { method: 'DELETE', path: '^/Users/', nth: 1 } }],
  });
  const { written, profile } = await probing(sandbox.url);
  expect(profile.speaks.deletion).toBe('deletes');
  expect(written.notes).toContainEqual(expect.stringMatching(/the credentials do not allow it: 403/));
});
