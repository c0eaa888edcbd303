import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { profileSchema } from '../../src/config/schema/profile-schema.ts';
import { realClock } from '../../src/cli/clock.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startConfigurableServer } from '../probe/configurable-server.ts';
import { scriptedServer } from '../scim/scripted-server.ts';
import { createCompany } from '../world/company.ts';
import { seededRandom } from '../world/random.ts';
import { startScimmy } from '../world/third-party/scimmy.ts';
import { createCliWorkspace, type CliWorkspace } from '../world/cli-workspace.ts';
import { configuration, expectExitCode, target } from '../world/fixture.ts';
import { waitUntil } from '../world/wait-until.ts';

jest.setTimeout(60_000);

const token = 'tok-probe-0815-secret';
const disposables: AsyncDisposable[] = [];
afterAll(async () => {
  for (const each of disposables) await each[Symbol.asyncDispose]();
});

interface ProbeSetup {
  readonly sandbox: Sandbox;
  readonly at: CliWorkspace;
}

const foreignResources = {
  users: [
    {
      userName: 'ada@example.com',
      externalId: 'e1',
      displayName: 'Ada',
      emails: [{ type: 'work', value: 'ada@example.com' }],
      active: true,
    },
    { userName: 'bob@example.com', externalId: 'e2', displayName: 'Bob', active: false },
  ],
};

/** A sandbox with users that no probe created, and a workspace to probe it from. */
async function setUp(options: Partial<SandboxOptions> = {}): Promise<ProbeSetup> {
  const sandbox = await startSandbox({ clock: realClock, random: seededRandom(4711), token, ...options });
  const { users } = sandbox.seed(foreignResources);
  sandbox.seed({ groups: [{ displayName: 'Board', members: users.map(({ id }) => ({ value: id })) }] });
  const at = createCliWorkspace({ APP_TOKEN: token });
  at.configure(configuration([target(sandbox.url)]));
  disposables.push({
    [Symbol.asyncDispose]: async () => {
      await at[Symbol.asyncDispose]();
      await sandbox.close();
    },
  });
  return { sandbox, at };
}

const contents = ({ sandbox }: ProbeSetup): unknown => ({ users: sandbox.users(), groups: sandbox.groups() });
const writes = ({ sandbox }: ProbeSetup): readonly string[] =>
  sandbox.log.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);

test('a probe writes a usable profile and its evidence, and changes no other resource', async () => {
  const setup = await setUp();
  const before = contents(setup);
  const ids = new Set([...setup.sandbox.users(), ...setup.sandbox.groups()].map(({ id }) => id));
  const run = await setup.at.run('probe', 'app', '--yes', '--write', 'app.json');
  expectExitCode(run, 0);
  expect(contents(setup)).toEqual(before);
  expect(writes(setup).filter((line) => [...ids].some((id) => line.includes(id)))).toEqual([]);
  expect(writes(setup).length).toBeGreaterThan(50);

  const probedProfile = JSON.parse(readFileSync(setup.at.path('app.json'), 'utf8')) as Record<string, unknown>;
  expect(profileSchema.safeParse(probedProfile).success).toBe(true);
  expect(probedProfile).toMatchObject({
    extends: 'generic',
    supportLevel: 'probed',
    sources: [expect.stringContaining('127.0.0.1')],
    protocol: { deletionEndsMemberships: true },
  });
  expect(run.stdout).toContain('"supportLevel": "probed"');
  const evidence = readFileSync(setup.at.path('app.evidence.jsonl'), 'utf8');
  const lines = evidence
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toHaveLength(setup.sandbox.log.length);
  expect(lines[0]).toMatchObject({ method: 'GET', path: expect.stringMatching(/^\/Users\?/), status: 200 });
  for (const secret of [token, 'ada@example.com', '"Board"', '"authorization":'])
    expect(evidence.toLowerCase().includes(secret.toLowerCase())).toBe(false);
  expect(run.stdout + run.stderr).not.toContain(token);

  setup.at.configure(configuration([target(setup.sandbox.url, { profile: './app.json' })]));
  setup.at.export(createCompany(3, 4));
  expectExitCode(await setup.at.run('sync', '--json'), 0);
});

test('--json prints one line for each finding, then the profile', async () => {
  const setup = await setUp();
  const { lines, ...run } = await setup.at.run('probe', 'app', '--yes', '--json', '--members', '2');
  expectExitCode({ lines, ...run }, 0);
  expect(lines.at(-1)).toMatchObject({ type: 'profile', target: 'app', profile: { supportLevel: 'probed' } });
  expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['finding', 'profile']));
});

test('without a terminal, a probe requires --yes', async () => {
  const setup = await setUp();
  const run = await setup.at.run('probe', 'app');
  expectExitCode(run, 4);
  expect(run.stderr).toContain('(code: commandLine.confirmationRequired)');
  expect(setup.sandbox.log).toEqual([]);
});

test('existing files are not overwritten without --force, and the probe fails before its first request', async () => {
  const setup = await setUp();
  writeFileSync(setup.at.path('app.json'), 'mine');
  for (const [file, code] of [
    ['app.json', 'commandLine.fileExists'],
    ['nowhere/app.json', 'commandLine.folderNotWritable'],
    ['app.txt', 'commandLine.fileNotJson'],
  ] as const) {
    const run = await setup.at.run('probe', 'app', '--yes', '--write', file);
    expectExitCode(run, 4);
    expect(run.stderr).toContain(`(code: ${code})`);
  }
  writeFileSync(setup.at.path('other.evidence.jsonl'), 'mine');
  expectExitCode(await setup.at.run('probe', 'app', '--yes', '--write', 'other.json'), 4);
  expect(setup.sandbox.log).toEqual([]);
  expectExitCode(await setup.at.run('probe', 'app', '--yes', '--write', 'app.json', '--force'), 0);
  expect(readFileSync(setup.at.path('app.json'), 'utf8')).toContain('"probed"');
});

test('an unknown target is a usage error, and only the named target is probed', async () => {
  const [setup, other] = [await setUp(), await setUp()];
  setup.at.configure(configuration([target(setup.sandbox.url), target(other.sandbox.url, { name: 'other' })]));
  expectExitCode(await setup.at.run('probe', 'unknown', '--yes'), 4);
  expectExitCode(await setup.at.run('probe', 'app', '--yes', '--members', '1'), 0);
  expect(other.sandbox.log).toEqual([]);
});

describe('a target that cannot be probed: the error states the reason, and nothing is created', () => {
  test.each([
    ['a wrong token', 401, { detail: `wrong credentials: tok-probe-0815-secret` }],
    ['{} in every response', 200, {}],
    ['an HTML page', 200, '<!doctype html><title>Log in</title>'],
    ['a wrong path', 404, { detail: 'nothing here' }],
  ])('%s', async (_, status, body) => {
    await using server = await scriptedServer(() => ({ status, body }));
    await using at = createCliWorkspace({ APP_TOKEN: token });
    at.configure(configuration([target(server.url)]));
    const run = await at.run('probe', 'app', '--yes', '--write', 'app.json');
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: probe.notScim)');
    expect(run.stderr).toContain(String(status));
    expect(run.stderr).toContain('no canary remains');
    expect(run.stdout + run.stderr).not.toContain(token);
    expect(server.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(existsSync(at.path('app.json'))).toBe(false);
  });

  test('connection refused', async () => {
    const server = await startConfigurableServer();
    await server[Symbol.asyncDispose]();
    await using at = createCliWorkspace({ APP_TOKEN: token });
    at.configure(configuration([target(server.url)]));
    const run = await at.run('probe', 'app', '--yes');
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: probe.unreachable)');
  });
});

describe('a signal stops the probe, which removes its canaries', () => {
  // From the beginning to the end of a probe, and in the middle of a request.
  test.each([1, 7, 45, 95, 140])('after %d requests', async (count) => {
    const setup = await setUp({ latencyMs: 3 });
    const before = contents(setup);
    const cliProcess = setup.at.start('probe', 'app', '--yes', '--write', 'app.json');
    await waitUntil(`request ${count}`, () => setup.sandbox.log.length >= count);
    cliProcess.child.kill(count % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    const run = await cliProcess.exited;
    expectExitCode(run, 0);
    expect(contents(setup)).toEqual(before);
    expect(run.stderr).toContain('no canary remains');
    expect(existsSync(setup.at.path('app.json'))).toBe(false);
  });
});

describe('a create without a response', () => {
  test.each([1, 3, 8])('POST number %d', async (nth) => {
    const setup = await setUp({ faults: [{ do: 'dropAfter', match: { method: 'POST', nth } }] });
    const before = contents(setup);
    const run = await setup.at.run('probe', 'app', '--yes', '--members', '3');
    expectExitCode(run, 0);
    expect(contents(setup)).toEqual(before);
    expect(run.stdout).toContain('"supportLevel": "probed"');
  });

  test('is located although the target ignores filters', async () => {
    const setup = await setUp({
      faults: [{ do: 'ignoreFilter' }, { do: 'dropAfter', match: { method: 'POST', nth: 3 } }],
    });
    const before = contents(setup);
    expectExitCode(await setup.at.run('probe', 'app', '--yes', '--members', '2'), 0);
    expect(contents(setup)).toEqual(before);
  });
});

test('canaries that cannot be deleted are reported with a DELETE command, also by the next probe', async () => {
  const setup = await setUp();
  setup.sandbox.faults = [{ do: 'status', status: 403, match: { method: 'DELETE', path: '^/Users/' } }];
  const run = await setup.at.run('probe', 'app', '--yes', '--members', '1');
  expectExitCode(run, 1);
  const remaining = setup.sandbox.users().filter(({ userName }) => String(userName).startsWith('scimsync-canary-'));
  expect(remaining.length).toBeGreaterThan(1);
  for (const { id, active } of remaining) {
    expect(run.stdout).toContain(`DELETE ${setup.sandbox.url}/Users/${id}`);
    expect(active).toBe(false);
  }
  setup.sandbox.faults = [];
  const next = await setup.at.run('probe', 'app', '--yes', '--members', '1');
  expectExitCode(next, 0);
  for (const { id } of remaining)
    expect(next.stdout).toContain(`is from an earlier probe: delete it in the application, or by DELETE /Users/${id}`);
  expect(setup.sandbox.users().filter(({ userName }) => String(userName).startsWith('scimsync-canary-'))).toEqual(
    remaining,
  );
});

test('canaries that DELETE deactivates are reported', async () => {
  await using server = await startConfigurableServer({ deletion: 'deactivates' }, token);
  await using at = createCliWorkspace({ APP_TOKEN: token });
  at.configure(configuration([target(server.url)]));
  const run = await at.run('probe', 'app', '--yes', '--members', '2');
  expectExitCode(run, 0);
  expect(run.stdout).toContain('"deletion": "deactivates"');
  for (const user of server.users.values()) {
    expect(user['active']).toBe(false);
    expect(run.stdout.toLowerCase()).toContain(
      `deactivated, not removed: user ${String(user['userName']).toLowerCase()}`,
    );
  }
});

test('if the target stops responding, the probe reports all canaries that remain', async () => {
  const setup = await setUp();
  const cliProcess = setup.at.start('probe', 'app', '--yes');
  await waitUntil('some requests', () => setup.sandbox.log.length >= 30);
  setup.sandbox.faults = [{ do: 'dropBefore' }];
  const run = await cliProcess.exited;
  expectExitCode(run, 1);
  expect(run.stderr).toContain('(code: probe.unreachable)');
  for (const { userName, id } of setup.sandbox
    .users()
    .filter(({ userName: name }) => String(name).startsWith('scimsync-canary-'))) {
    expect(run.stderr.toLowerCase()).toContain(String(userName).toLowerCase());
    expect(run.stderr).toContain(id);
  }
});

test('a third-party server', async () => {
  await using scimmy = await startScimmy();
  await using at = createCliWorkspace({ APP_TOKEN: scimmy.token });
  at.configure(configuration([target(scimmy.url)]));
  expectExitCode(await at.run('probe', 'app', '--yes', '--write', 'scimmy.json'), 0);
  expect(await scimmy.state()).toEqual({ users: {}, groups: {} });
  expect(JSON.parse(readFileSync(at.path('scimmy.json'), 'utf8'))).toMatchObject({
    protocol: { bulk: 'offered' },
  });
});
