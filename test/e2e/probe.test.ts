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

/** An application with people who are none of ours, and a workspace to probe it from. */
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

test('a probe ends with a profile that can be used, with what it rests on, and with nobody else touched', async () => {
  const here = await setUp();
  const before = contents(here);
  const ids = new Set([...here.sandbox.users(), ...here.sandbox.groups()].map(({ id }) => id));
  const run = await here.at.run('probe', 'app', '--yes', '--write', 'app.json');
  expectExitCode(run, 0);
  expect(contents(here)).toEqual(before);
  expect(writes(here).filter((line) => [...ids].some((id) => line.includes(id)))).toEqual([]);
  expect(writes(here).length).toBeGreaterThan(50);

  const written = JSON.parse(readFileSync(here.at.path('app.json'), 'utf8')) as Record<string, unknown>;
  expect(profileSchema.safeParse(written).success).toBe(true);
  expect(written).toMatchObject({
    extends: 'generic',
    supportLevel: 'probed',
    sources: [expect.stringContaining('127.0.0.1')],
    protocol: { deletionEndsMemberships: true },
  });
  expect(run.stdout).toContain('"supportLevel": "probed"');
  const evidence = readFileSync(here.at.path('app.evidence.jsonl'), 'utf8');
  const lines = evidence
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toHaveLength(here.sandbox.log.length);
  expect(lines[0]).toMatchObject({ method: 'GET', path: expect.stringMatching(/^\/Users\?/), status: 200 });
  for (const secret of [token, 'ada@example.com', '"Board"', '"authorization":'])
    expect(evidence.toLowerCase().includes(secret.toLowerCase())).toBe(false);
  expect(run.stdout + run.stderr).not.toContain(token);

  here.at.configure(configuration([target(here.sandbox.url, { profile: './app.json' })]));
  here.at.export(createCompany(3, 4));
  expectExitCode(await here.at.run('sync', '--json'), 0);
});

test('JSON lines are one finding each, and the profile last', async () => {
  const here = await setUp();
  const { lines, ...run } = await here.at.run('probe', 'app', '--yes', '--json', '--members', '2');
  expectExitCode({ lines, ...run }, 0);
  expect(lines.at(-1)).toMatchObject({ type: 'profile', target: 'app', profile: { supportLevel: 'probed' } });
  expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['finding', 'profile']));
});

test('without a terminal and without --yes nothing is asked and nothing is done', async () => {
  const here = await setUp();
  const run = await here.at.run('probe', 'app');
  expectExitCode(run, 4);
  expect(run.stderr).toMatch(/--yes/);
  expect(here.sandbox.log).toEqual([]);
});

test('what is there is not overwritten, and that is said before anything is created', async () => {
  const here = await setUp();
  writeFileSync(here.at.path('app.json'), 'mine');
  for (const [file, code] of [
    ['app.json', 4],
    ['nowhere/app.json', 4],
    ['app.txt', 4],
  ] as const)
    expectExitCode(await here.at.run('probe', 'app', '--yes', '--write', file), code);
  writeFileSync(here.at.path('other.evidence.jsonl'), 'mine');
  expectExitCode(await here.at.run('probe', 'app', '--yes', '--write', 'other.json'), 4);
  expect(here.sandbox.log).toEqual([]);
  expectExitCode(await here.at.run('probe', 'app', '--yes', '--write', 'app.json', '--force'), 0);
  expect(readFileSync(here.at.path('app.json'), 'utf8')).toContain('"probed"');
});

test('a name that is no target is a mistake of the command line, and the other target is left alone', async () => {
  const [here, other] = [await setUp(), await setUp()];
  here.at.configure(configuration([target(here.sandbox.url), target(other.sandbox.url, { name: 'other' })]));
  expectExitCode(await here.at.run('probe', 'nobody', '--yes'), 4);
  expectExitCode(await here.at.run('probe', 'app', '--yes', '--members', '1'), 0);
  expect(other.sandbox.log).toEqual([]);
});

describe('what cannot be probed is said in one sentence, and nothing is created there', () => {
  test.each([
    ['a wrong token', 401, { detail: `who is tok-probe-0815-secret?` }, /refuses the credentials/],
    ['{} for everything', 200, {}, /not with a list/],
    ['a web page', 200, '<!doctype html><title>Log in</title>', /web page/],
    ['no such place', 404, { detail: 'nothing here' }, /no list of users/],
  ])('%s', async (_, status, body, sentence) => {
    await using server = await scriptedServer(() => ({ status, body }));
    await using at = createCliWorkspace({ APP_TOKEN: token });
    at.configure(configuration([target(server.url)]));
    const run = await at.run('probe', 'app', '--yes', '--write', 'app.json');
    expectExitCode(run, 1);
    expect(run.stderr).toMatch(sentence);
    expect(run.stderr).toContain('nothing of it is left there');
    expect(run.stdout + run.stderr).not.toContain(token);
    expect(server.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(existsSync(at.path('app.json'))).toBe(false);
  });

  test('nobody listens', async () => {
    const gone = await startConfigurableServer();
    await gone[Symbol.asyncDispose]();
    await using at = createCliWorkspace({ APP_TOKEN: token });
    at.configure(configuration([target(gone.url)]));
    const run = await at.run('probe', 'app', '--yes');
    expectExitCode(run, 1);
    expect(run.stderr).toMatch(/does not answer/);
  });
});

describe('told to stop, it removes what it made', () => {
  // Every few requests of the whole life of a probe, and in the middle of one that is on its way.
  test.each([1, 7, 45, 95, 140])('after %d requests', async (count) => {
    const here = await setUp({ latencyMs: 3 });
    const before = contents(here);
    const cliProcess = here.at.start('probe', 'app', '--yes', '--write', 'app.json');
    await waitUntil(`request ${count}`, () => here.sandbox.log.length >= count);
    cliProcess.child.kill(count % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    const run = await cliProcess.exited;
    expectExitCode(run, 0);
    expect(contents(here)).toEqual(before);
    expect(run.stderr).toContain('nothing of it is left there');
    expect(existsSync(here.at.path('app.json'))).toBe(false);
  });
});

describe('a create whose answer is lost', () => {
  test.each([1, 3, 8])('the POST number %d', async (nth) => {
    const here = await setUp({ faults: [{ do: 'dropAfter', match: { method: 'POST', nth } }] });
    const before = contents(here);
    const run = await here.at.run('probe', 'app', '--yes', '--members', '3');
    expectExitCode(run, 0);
    expect(contents(here)).toEqual(before);
    expect(run.stdout).toContain('"supportLevel": "probed"');
  });

  test('is found without a filter that can be believed', async () => {
    const here = await setUp({
      faults: [{ do: 'ignoreFilter' }, { do: 'dropAfter', match: { method: 'POST', nth: 3 } }],
    });
    const before = contents(here);
    expectExitCode(await here.at.run('probe', 'app', '--yes', '--members', '2'), 0);
    expect(contents(here)).toEqual(before);
  });
});

test('what cannot be removed is named, with how to remove it; the next probe names it again, and leaves it', async () => {
  const here = await setUp();
  here.sandbox.faults = [{ do: 'status', status: 403, match: { method: 'DELETE', path: '^/Users/' } }];
  const run = await here.at.run('probe', 'app', '--yes', '--members', '1');
  expectExitCode(run, 1);
  const left = here.sandbox.users().filter(({ userName }) => String(userName).startsWith('scimsync-canary-'));
  expect(left.length).toBeGreaterThan(1);
  for (const { id, active } of left) {
    expect(run.stdout).toContain(`DELETE ${here.sandbox.url}/Users/${id}`);
    expect(active).toBe(false);
  }
  here.sandbox.faults = [];
  const next = await here.at.run('probe', 'app', '--yes', '--members', '1');
  expectExitCode(next, 0);
  for (const { id } of left)
    expect(next.stdout).toContain(`is from an earlier probe: remove it there, or by DELETE /Users/${id}`);
  expect(here.sandbox.users().filter(({ userName }) => String(userName).startsWith('scimsync-canary-'))).toEqual(left);
});

test('accounts that DELETE only closes are said to be there still', async () => {
  await using server = await startConfigurableServer({ deletion: 'closes' }, token);
  await using at = createCliWorkspace({ APP_TOKEN: token });
  at.configure(configuration([target(server.url)]));
  const run = await at.run('probe', 'app', '--yes', '--members', '2');
  expectExitCode(run, 0);
  expect(run.stdout).toContain('"deletion": "deactivates"');
  for (const user of server.users.values()) {
    expect(user['active']).toBe(false);
    expect(run.stdout.toLowerCase()).toContain(
      `closed, and not removed: the person ${String(user['userName']).toLowerCase()}`,
    );
  }
});

test('a target that dies in the middle is named with everybody who is left there', async () => {
  const here = await setUp();
  const cliProcess = here.at.start('probe', 'app', '--yes');
  await waitUntil('some requests', () => here.sandbox.log.length >= 30);
  here.sandbox.faults = [{ do: 'dropBefore' }];
  const run = await cliProcess.exited;
  expectExitCode(run, 1);
  expect(run.stderr).toMatch(/does not answer/);
  for (const { userName, id } of here.sandbox
    .users()
    .filter(({ userName: name }) => String(name).startsWith('scimsync-canary-'))) {
    expect(run.stderr.toLowerCase()).toContain(String(userName).toLowerCase());
    expect(run.stderr).toContain(id);
  }
});

test('a server that nobody here wrote', async () => {
  await using scimmy = await startScimmy();
  await using at = createCliWorkspace({ APP_TOKEN: scimmy.token });
  at.configure(configuration([target(scimmy.url)]));
  expectExitCode(await at.run('probe', 'app', '--yes', '--write', 'scimmy.json'), 0);
  expect(await scimmy.state()).toEqual({ users: {}, groups: {} });
  expect(JSON.parse(readFileSync(at.path('scimmy.json'), 'utf8'))).toMatchObject({
    supports: { caseInsensitive: [] },
    protocol: { bulk: 'offered' },
  });
});
