import { describe, expect, test } from '@jest/globals';
import { StoppedError, TargetUnusableError } from '../../src/probe/probe.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { sandboxToken, startInProcessSandbox, type SandboxInProcess } from '../world/in-process-sandbox.ts';
import { createSkippingClock } from '../world/skipping-clock.ts';
import { createConfigurableApplication } from './configurable-application.ts';
import { runProbe, type RunProbeOptions } from './run-probe.ts';
import type { ServerBehaviour } from './server-behaviour.ts';

interface SandboxSetup extends SandboxInProcess {
  readonly run: (options?: RunProbeOptions) => ReturnType<typeof runProbe>;
}

function setUp(options: Partial<SandboxOptions> = {}): SandboxSetup {
  const clock = createSkippingClock();
  const { sandbox, send } = startInProcessSandbox({ clock, ...options });
  return {
    sandbox,
    send,
    run: (runOptions) => runProbe({ send }, { url: sandbox.url, token: sandboxToken, clock, ...runOptions }),
  };
}

const usual = { deletionEndsMemberships: true };

describe('the probe of a sandbox', () => {
  test.each([
    ['by default', {}, usual, {}],
    ['without PATCH', { patch: false }, { ...usual, update: 'getThenPut' }, {}],
    ['that requires If-Match', { requireIfMatch: true }, { ...usual, ifMatch: 'always' }, {}],
    ['without ETags', { etags: false }, usual, {}],
    ['that ignores unknown members', { unknownMembers: 'drop' }, { ...usual, verifyWrites: 'members' }, {}],
    ['that keeps memberships of deleted users', { deletionEndsMemberships: false, unknownMembers: 'keep' }, {}, {}],
    ['that refuses unknown attributes', { strictSchema: true }, usual, {}],
    ['without unique userNames', { uniqueUserNames: false }, { ...usual, allowsDuplicates: ['User'] }, {}],
    [
      'without unique displayNames of groups',
      { uniqueDisplayNames: false },
      { ...usual, allowsDuplicates: ['Group'] },
      {},
    ],
  ] as const)('%s', async (_, options, protocol, supports) => {
    const { sandbox, run } = setUp(options);
    const { written, remnants, abortReason } = await run();
    expect([abortReason, remnants, sandbox.users(), sandbox.groups()]).toEqual([undefined, [], [], []]);
    expect([written.protocol ?? {}, written.supports ?? {}, written.limits ?? {}]).toEqual([protocol, supports, {}]);
  });

  test('waits through 429 of a rate limit', async () => {
    const { sandbox, run } = setUp({ requestsPerSecond: 80, retryAfter: 'none' });
    const { written, remnants } = await run({ members: 1 });
    expect(sandbox.log.some(({ status }) => status === 429)).toBe(true);
    expect([remnants, sandbox.users(), written.protocol]).toEqual([[], [], usual]);
  });
});

describe('a create without the resource in its response', () => {
  test.each(['location', 'empty'] as const)('%s: the probe locates the resource', async (createResponse) => {
    const application = createConfigurableApplication({ createResponse });
    const { abortReason, remnants } = await runProbe(application);
    expect([abortReason, remnants, application.users.size, application.groups.size]).toEqual([undefined, [], 0, 0]);
  });

  test('another user: the probe aborts and does not write to that user', async () => {
    const application = createConfigurableApplication({ createResponse: 'otherUser' });
    const ada = { id: 'ada', userName: 'ada@example.com', active: true };
    application.users.set('ada', ada);
    const { abortReason, remnants } = await runProbe(application);
    expect(abortReason).toBeInstanceOf(TargetUnusableError);
    expect(abortReason?.message).toContain('(ada)');
    expect(application.requests.filter((line) => line.includes('/Users/ada') && !line.startsWith('GET'))).toEqual([]);
    expect(application.users.get('ada')).toEqual(ada);
    expect([...application.users.keys()]).toEqual(['ada']);
    expect(remnants).toEqual([]);
  });

  test('a refusal, although the user is stored: the probe removes the user', async () => {
    const application = createConfigurableApplication({ requires: ['emails'], storesRejected: true });
    const { abortReason, remnants } = await runProbe(application);
    expect([abortReason, remnants, application.users.size]).toEqual([undefined, [], 0]);
  });
});

test.each([1, 3, 6, 9])('503 to %i requests in a row leads to no finding', async (unavailableRequests) => {
  const application = createConfigurableApplication({ unavailableRequests });
  const { written, remnants, abortReason } = await runProbe(application);
  expect([abortReason, remnants, application.users.size, application.groups.size]).toEqual([undefined, [], 0, 0]);
  expect([written.protocol, written.supports ?? {}, written.limits ?? {}]).toEqual([usual, {}, {}]);
});

test('writes that are visible after 1.5 s count neither as refused nor as ignored', async () => {
  const clock = createSkippingClock();
  const application = createConfigurableApplication({
    readDelay: { milliseconds: 1500, now: () => clock.now() },
    members: { remove: 'list' },
  });
  const { written, remnants, findings } = await runProbe(application, { clock });
  expect(findings.filter(({ topic }) => topic === 'delay')).toHaveLength(1);
  expect([remnants, application.users.size, application.groups.size]).toEqual([[], 0, 0]);
  expect([written.protocol, written.supports ?? {}, written.limits ?? {}]).toEqual([
    { ...usual, removeMembers: 'list', consistencyDelaySeconds: 2 },
    {},
    {},
  ]);
});

describe('canaries that remain', () => {
  test('are deactivated where inactive users are hidden from DELETE and cannot be reactivated', async () => {
    const application = createConfigurableApplication({
      inactive: { read: 'notFound', undeletable: true, reactivation: 'never' },
    });
    const { remnants } = await runProbe(application, { members: 1 });
    expect(remnants.map(({ id, state }) => [id, state])).toEqual(
      [...application.users.keys()].map((id) => [id, 'deactivated']),
    );
    expect(remnants).toHaveLength(1);
  });

  test('are all reported where DELETE fails', async () => {
    const application = createConfigurableApplication({ deletion: 'fails' });
    const { remnants } = await runProbe(application, { members: 1 });
    expect(remnants.map(({ id }) => id).sort()).toEqual(
      [...application.users.keys(), ...application.groups.keys()].sort(),
    );
    expect(new Set(remnants.map(({ state }) => state))).toEqual(new Set(['present']));
  });

  test('are deactivated where users cannot be deleted', async () => {
    const application = createConfigurableApplication({ deletion: 'never' });
    const { remnants, written } = await runProbe(application, { members: 1 });
    expect(written.protocol).toMatchObject({ deletion: 'never' });
    expect(remnants.length).toBe(application.users.size);
    for (const user of application.users.values()) expect(user['active']).toBe(false);
  });

  test('are reported as deactivated where DELETE deactivates', async () => {
    const application = createConfigurableApplication({ deletion: 'deactivates' });
    const { remnants, written } = await runProbe(application, { members: 1 });
    expect(written.protocol).toMatchObject({ deletion: 'deactivates' });
    expect(remnants.length).toBe(application.users.size);
    expect(new Set(remnants.map(({ state }) => state))).toEqual(new Set(['deactivated']));
  });
});

describe('the clean-up', () => {
  const openUsers = (application: ReturnType<typeof createConfigurableApplication>): readonly unknown[] =>
    [...application.users.values()].filter(({ active }) => active !== false);

  test.each<[string, ServerBehaviour]>([
    ['DELETE fails, and only PUT deactivates', { deletion: 'fails', inactive: { deactivatedBy: 'put' } }],
    ['DELETE fails, and only PATCH works', { deletion: 'fails', put: 'none' }],
    ['DELETE has no effect', { deletion: 'ignored' }],
    ['DELETE fails, and booleans are strings', { deletion: 'fails', booleans: 'text' }],
  ])('deactivates where %s', async (_, behaviour) => {
    const application = createConfigurableApplication(behaviour);
    const { remnants } = await runProbe(application);
    expect(openUsers(application)).toEqual([]);
    expect(remnants.map(({ id }) => id).sort()).toEqual(
      [...application.users.keys(), ...application.groups.keys()].sort(),
    );
  });

  test('names each open account where DELETE has no effect and no request deactivates', async () => {
    const application = createConfigurableApplication({ deletion: 'ignored', deactivationStatus: 500 });
    const { remnants } = await runProbe(application);
    const open = remnants.filter(({ resourceType, reason }) => resourceType === 'User' && /may be open/.test(reason));
    expect(open.map(({ id }) => id).sort()).toEqual([...application.users.keys()].sort());
  });

  test('removes a user that has another id after its reactivation, also if the probe stops then', async () => {
    const application = createConfigurableApplication({ inactive: { newId: 'shown' } });
    const stop = new AbortController();
    const { remnants, findings } = await runProbe(application, {
      signal: stop.signal,
      progress: (step) => {
        if (step === 'changing a userName') stop.abort();
      },
    });
    expect(findings.filter(({ topic }) => topic === 'id')).toHaveLength(1);
    expect([remnants, application.users.size]).toEqual([[], 0]);
  });
});

test('invited users decide nothing about deactivation, reactivation and deletion by deactivation', async () => {
  const application = createConfigurableApplication({ invites: true });
  const { findings, written, remnants } = await runProbe(application);
  expect(findings.filter(({ topic }) => topic === 'invited').map(({ undecided }) => undecided)).toEqual([true]);
  expect(findings.filter(({ topic }) => ['deactivate', 'reactivate'].includes(topic))).toEqual([]);
  expect([written.protocol, remnants, application.users.size]).toEqual([usual, [], 0]);
});

test('401 in the middle of the probe aborts it and leads to no finding', async () => {
  const { sandbox, run } = setUp();
  const { abortReason, remnants, findings } = await run({
    progress: (step) => {
      if (step === 'updating a user') sandbox.faults = [{ do: 'status', status: 401 }];
    },
  });
  expect(abortReason?.message).toContain('401');
  expect(findings.some(({ topic }) => topic === 'PATCH')).toBe(false);
  expect(remnants.map(({ name }) => name.toLowerCase()).sort()).toEqual(
    sandbox
      .users()
      .map(({ userName }) => String(userName).toLowerCase())
      .sort(),
  );
});

test('a probe that is stopped before its start sends no request', async () => {
  const { sandbox, run } = setUp();
  const { abortReason } = await run({ signal: AbortSignal.abort() });
  expect(abortReason).toBeInstanceOf(StoppedError);
  expect(sandbox.log).toEqual([]);
});

test('403 to DELETE decides nothing about deletion', async () => {
  const { run } = setUp({
    faults: [{ do: 'status', status: 403, match: { method: 'DELETE', path: '^/Users/', nth: 1 } }],
  });
  const { findings, profile } = await run();
  expect(profile.protocol.deletion).toBe('deletes');
  expect(findings.some(({ topic, undecided }) => topic === 'delete' && undecided === true)).toBe(true);
});
