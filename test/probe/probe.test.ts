import { describe, expect, jest, test } from '@jest/globals';
import { realClock } from '../../src/cli/clock.ts';
import { instant } from '../../src/model/ids.ts';
import type { Clock } from '../../src/model/clock.ts';
import { StoppedError, TargetUnusableError } from '../../src/probe/probe.ts';
import { startSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { seededRandom } from '../world/random.ts';
import { startConfigurableServer } from './configurable-server.ts';
import { runProbe } from './run-probe.ts';

jest.setTimeout(30_000);

const token = 'tok-odd-4711-secret';

async function startDisposableSandbox(options: Partial<SandboxOptions> = {}) {
  const sandbox = await startSandbox({ clock: realClock, random: seededRandom(4711), token, ...options });
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.close() });
}

describe('the rehearsal application', () => {
  const usual = { deletionEndsMemberships: true };
  test.each([
    ['as it is', {}, usual, {}],
    ['without PATCH', { patch: false }, { ...usual, update: 'getThenPut' }, {}],
    ['that wants If-Match', { requireIfMatch: true }, { ...usual, ifMatch: 'always' }, {}],
    ['without versions', { etags: false }, usual, {}],
    ['that drops unknown members', { unknownMembers: 'drop' }, { ...usual, verifyWrites: 'members' }, {}],
    ['that keeps memberships', { deletionEndsMemberships: false, unknownMembers: 'keep' }, {}, {}],
    ['that refuses attributes of its own accord', { strictSchema: true }, usual, {}],
    ['with names that two people may bear', { uniqueUserNames: false }, { ...usual, allowsDuplicates: ['User'] }, {}],
    [
      'with names that two groups may bear',
      { uniqueDisplayNames: false },
      { ...usual, allowsDuplicates: ['Group'] },
      {},
    ],
  ] as const)('%s', async (_, options, protocol, supports) => {
    await using sandbox = await startDisposableSandbox(options);
    const { written, remnants, abortReason } = await runProbe(sandbox.url);
    expect([abortReason, remnants, sandbox.users(), sandbox.groups()]).toEqual([undefined, [], [], []]);
    expect([written.protocol ?? {}, written.supports ?? {}, written.limits ?? {}]).toEqual([protocol, supports, {}]);
  });

  test('that counts requests is waited for', async () => {
    await using sandbox = await startDisposableSandbox({ requestsPerSecond: 80, retryAfter: 'none' });
    const { written, remnants } = await runProbe(sandbox.url, { members: 1 });
    expect(sandbox.log.some(({ status }) => status === 429)).toBe(true);
    expect([remnants, sandbox.users(), written.protocol]).toEqual([[], [], usual]);
  });
});

describe('creates that are answered oddly', () => {
  test.each(['location', 'nothing'] as const)('with %s instead of the resource', async (made) => {
    await using server = await startConfigurableServer({ made });
    const { abortReason, remnants } = await runProbe(server.url);
    expect([abortReason, remnants, server.users.size, server.groups.size]).toEqual([undefined, [], 0, 0]);
  });

  test('with somebody who was there before: they are left alone, and the probe ends', async () => {
    await using server = await startConfigurableServer({ made: 'stranger' });
    const ada = { id: 'ada', userName: 'ada@example.com', active: true };
    server.users.set('ada', ada);
    const { abortReason, remnants } = await runProbe(server.url);
    expect(abortReason).toBeInstanceOf(TargetUnusableError);
    expect(abortReason?.message).toMatch(/somebody else's account/);
    expect(server.requests.filter((line) => line.includes('/Users/ada') && !line.startsWith('GET'))).toEqual([]);
    expect(server.users.get('ada')).toEqual(ada);
    expect([...server.users.keys()]).toEqual(['ada']);
    expect(remnants).toEqual([]);
  });

  test('with a refusal, and kept all the same', async () => {
    await using server = await startConfigurableServer({ requires: ['emails'], storesRejected: true });
    const { abortReason, remnants } = await runProbe(server.url);
    expect([abortReason, remnants, server.users.size]).toEqual([undefined, [], 0]);
  });
});

test.each([1, 3, 6, 9])(
  'an application that is busy for %i requests is left alone for a while, and what it says meanwhile is no finding',
  async (busy) => {
    await using server = await startConfigurableServer({ busy });
    const { written, remnants, abortReason } = await runProbe(server.url);
    expect([abortReason, remnants, server.users.size, server.groups.size]).toEqual([undefined, [], 0, 0]);
    expect([written.protocol, written.supports ?? {}, written.limits ?? {}]).toEqual([
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
    await using server = await startConfigurableServer({
      readDelay: { milliseconds: 1500, now: () => clock.now() },
      members: { remove: 'list' },
    });
    const { written, remnants, findings } = await runProbe(server.url, { clock });
    expect(findings.find(({ topic }) => topic === 'lateness')?.sentence).toMatch(
      /^a new person can be read only after about [\d.]+ s/,
    );
    expect([remnants, server.users.size, server.groups.size]).toEqual([[], 0, 0]);
    expect([written.protocol, written.supports ?? {}, written.limits ?? {}]).toEqual([
      { deletionEndsMemberships: true, removeMembers: 'list' },
      {},
      {},
    ]);
  });
});

describe('what stays', () => {
  test('is said to be closed where closed accounts are hidden from DELETE too, and nobody opens one again', async () => {
    await using server = await startConfigurableServer({
      inactive: { read: 'notFound', undeletable: true, reactivation: 'never' },
    });
    const { remnants } = await runProbe(server.url, { members: 1 });
    expect(remnants.map(({ id, state }) => [id, state])).toEqual([...server.users.keys()].map((id) => [id, 'closed']));
    expect(remnants).toHaveLength(1);
  });

  test('is named where DELETE fails', async () => {
    await using server = await startConfigurableServer({ deletion: 'fails' });
    const { remnants } = await runProbe(server.url, { members: 1 });
    expect(remnants.map(({ id }) => id).sort()).toEqual([...server.users.keys(), ...server.groups.keys()].sort());
    expect(new Set(remnants.map(({ state }) => state))).toEqual(new Set(['there']));
  });

  test('is deactivated where there is no DELETE of people', async () => {
    await using server = await startConfigurableServer({ deletion: 'never' });
    const { remnants, written } = await runProbe(server.url, { members: 1 });
    expect(written.protocol).toMatchObject({ deletion: 'never' });
    expect(remnants.length).toBe(server.users.size);
    for (const { reason } of remnants) expect(reason).toMatch(/deactivated instead/);
    for (const user of server.users.values()) expect(user['active']).toBe(false);
  });

  test('is closed where DELETE only closes', async () => {
    await using server = await startConfigurableServer({ deletion: 'closes' });
    const { remnants, written } = await runProbe(server.url, { members: 1 });
    expect(written.protocol).toMatchObject({ deletion: 'deactivates' });
    expect(remnants.length).toBe(server.users.size);
    expect(new Set(remnants.map(({ state }) => state))).toEqual(new Set(['closed']));
  });
});

test('credentials that stop being taken end the probe; they are no finding', async () => {
  await using sandbox = await startDisposableSandbox();
  const { abortReason, remnants, findings } = await runProbe(sandbox.url, {
    progress: (sentence) => {
      if (sentence === 'changing a person') sandbox.faults = [{ do: 'status', status: 401 }];
    },
  });
  expect(abortReason?.message).toMatch(/nothing any more but 401/);
  expect(findings.some(({ topic }) => topic === 'PATCH')).toBe(false);
  expect(remnants.map(({ name }) => name.toLowerCase()).sort()).toEqual(
    sandbox
      .users()
      .map(({ userName }) => String(userName).toLowerCase())
      .sort(),
  );
});

test('told to stop before it begins, it asks nothing', async () => {
  await using sandbox = await startDisposableSandbox();
  const { abortReason } = await runProbe(sandbox.url, { signal: AbortSignal.abort() });
  expect(abortReason).toBeInstanceOf(StoppedError);
  expect(sandbox.log).toEqual([]);
});

test('what the credentials do not allow says nothing about the application', async () => {
  await using sandbox = await startDisposableSandbox({
    faults: [{ do: 'status', status: 403, match: { method: 'DELETE', path: '^/Users/', nth: 1 } }],
  });
  const { written, profile } = await runProbe(sandbox.url);
  expect(profile.protocol.deletion).toBe('deletes');
  expect(written.notes).toContainEqual(expect.stringMatching(/the credentials do not allow it: 403/));
});
