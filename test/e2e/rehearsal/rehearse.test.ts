import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import type { CliResult, JsonLine } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { createSandboxWorld, type SandboxWorld, type Settings } from '../../world/sandbox-world.ts';

jest.setTimeout(60_000);

const company = {
  header: 'id,userName,title,state',
  users: { active: "user.state == 'on'" },
  mapping: { title: 'user.title' },
};

const people = ['1,ada@x.example,Engineer,on', '2,bob@x.example,Clerk,on', '3,cy@x.example,Nurse,on'];

/** An application that plays a profile, with the people of the source. */
async function createWorld(
  profile: Parameters<typeof createSandboxWorld>[1] = {},
  misbehaviours: readonly number[] = [],
): Promise<SandboxWorld & { readonly temporary: string }> {
  const temporary = mkdtempSync(join(tmpdir(), 'scimsync-e2e-'));
  const world = await createSandboxWorld(company, profile, misbehaviours, { TMPDIR: temporary });
  world.people(...people);
  world.configure();
  return Object.assign(world, {
    temporary,
    async [Symbol.asyncDispose]() {
      await world.cli[Symbol.asyncDispose]();
      await world.sandbox.close();
      rmSync(temporary, { recursive: true });
    },
  });
}

const linesOf = ({ lines }: CliResult, type: string): readonly JsonLine[] =>
  lines.filter((line) => line['type'] === type);

/** "changed ada@x.example", and its changes; in order of the names. */
const differencesOf = (run: CliResult): readonly (readonly [string, unknown])[] =>
  linesOf(run, 'difference')
    .toSorted((a, b) => String(a['name']).localeCompare(String(b['name'])))
    .map(({ kind, name, changes }) => [`${String(kind)} ${String(name)}`, changes]);

/** Rehearses, and checks that the application received only GET requests, and that the state is as it was. */
async function rehearse(world: Awaited<ReturnType<typeof createWorld>>, ...args: string[]): Promise<CliResult> {
  const { cli, sandbox, temporary } = world;
  const state = (): string | undefined =>
    readdirSync(cli.folder).includes('scimsync.db') ? readFileSync(cli.path('scimsync.db'), 'base64') : undefined;
  const [stateBefore, filesBefore] = [state(), readdirSync(cli.folder)];
  const usersBefore = JSON.stringify(sandbox.users());
  sandbox.clearLog();
  const run = await cli.run('rehearse', ...args);
  expect(sandbox.log.filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(JSON.stringify(sandbox.users())).toBe(usersBefore);
  expect(state() === stateBefore).toBe(true);
  expect(readdirSync(cli.folder)).toEqual(filesBefore);
  expect(readdirSync(temporary).filter((name) => name.startsWith('scimsync-rehearsal-'))).toEqual([]);
  expect(run.stdout + run.stderr).not.toContain(world.token);
  return run;
}

const secret = 'their-secret-password';

test('a changed mapping is carried out at a double, and the application and the state stay as they are', async () => {
  await using world = await createWorld();
  expectExitCode(await world.cli.run('sync'), 0);
  await world.call('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'unmanaged@x.example',
    password: secret,
  });
  const badge = 'urn:example:params:scim:schemas:extension:badge:2.0:User:number';
  world.configure({ title: "'Senior ' + user.title", [badge]: 'user.id' });

  const run = await rehearse(world, '--json');
  expectExitCode(run, 0);
  expect(linesOf(run, 'copied')).toMatchObject([
    { target: 'app', users: 4, groups: 0, memberships: 0, unknownPaths: [badge] },
  ]);
  const changes = (id: string, title: string): readonly unknown[] => [
    { path: 'title', from: title, to: `Senior ${title}` },
    { path: badge, from: null, to: id },
  ];
  const operations = linesOf(run, 'operation').toSorted((a, b) => Number(a['key']) - Number(b['key']));
  expect(operations).toMatchObject([
    { action: 'update', key: '1', outcome: 'done', changes: changes('1', 'Engineer') },
    { action: 'update', key: '2', outcome: 'done', changes: changes('2', 'Clerk') },
    { action: 'update', key: '3', outcome: 'done', changes: changes('3', 'Nurse') },
  ]);
  expect(linesOf(run, 'summary')).toMatchObject([{ target: 'app', succeeded: 3, failed: 0 }]);
  expect(differencesOf(run)).toEqual([
    ['changed ada@x.example', changes('1', 'Engineer')],
    ['changed bob@x.example', changes('2', 'Clerk')],
    ['changed cy@x.example', changes('3', 'Nurse')],
  ]);
  expect(linesOf(run, 'secondPass')).toMatchObject([{ target: 'app', silent: true }]);

  const { stdout } = await rehearse(world);
  for (const part of [
    'app: copied 4 users, 0 groups and 0 memberships; the double plays the profile',
    `not played: whether it stores ${badge}`,
    'app: update 3',
    'title "Engineer" → "Senior Engineer", number: set "1"',
    'app: a second pass changes nothing',
  ])
    expect(stdout).toContain(part);
});

test('existing accounts are adopted at the double before the first pass', async () => {
  await using world = await createWorld();
  world.sandbox.seed({
    users: [{ id: 'a1', userName: 'ADA@x.example', title: 'Boss' }],
    groups: [{ id: 'g1', displayName: 'Admins', members: [{ value: 'a1' }] }],
  });
  const run = await rehearse(world, '--json');
  expectExitCode(run, 0);
  expect(linesOf(run, 'copied')).toMatchObject([{ users: 1, groups: 1, memberships: 1 }]);
  expect(differencesOf(run).map(([text]) => text)).toEqual([
    'changed ada@x.example',
    'created bob@x.example',
    'created cy@x.example',
  ]);
  expect(linesOf(run, 'difference')[0]).toMatchObject({
    id: 'a1',
    changes: [
      { path: 'userName', from: 'ADA@x.example', to: 'ada@x.example' },
      { path: 'title', from: 'Boss', to: 'Engineer' },
      { path: 'externalId', from: null, to: '1' },
    ],
  });
  expect(linesOf(run, 'secondPass')).toMatchObject([{ silent: true }]);
});

test('what the guard would hold is shown, and --allow-removals or --plan lets it through', async () => {
  await using world = await createWorld();
  expectExitCode(await world.cli.run('sync'), 0);
  world.configure({}, { guard: { maxRemovals: 0 } });
  world.people(...people.slice(0, 2), '3,cy@x.example,Nurse,off');

  const held = await rehearse(world);
  expectExitCode(held, 3);
  expect(held.stdout).toMatch(/app: a sync would hold\n {2}deactivate user cy@x\.example \(3\)/);
  expect(held.stdout).toContain('app: the double has not changed');
  expect(held.stdout).toContain('app: a second pass changes nothing');

  const allowed = await rehearse(world, '--json', '--allow-removals', '1');
  expectExitCode(allowed, 0);
  const closed = [['changed cy@x.example', [{ path: 'active', from: true, to: false }]]];
  expect(differencesOf(allowed)).toEqual(closed);

  const [planned] = linesOf(await world.cli.run('plan', '--json'), 'summary');
  const exactly = await rehearse(world, '--json', '--plan', String(planned?.['plan']));
  expectExitCode(exactly, 0);
  expect(differencesOf(exactly)).toEqual(closed);
  expect((await rehearse(world, '--plan', '123456789abc')).stderr).toContain('(code: plan.outOfDate)');
});

test('a paused target is neither read nor rehearsed', async () => {
  await using world = await createWorld();
  expectExitCode(await world.cli.run('sync'), 0);
  expectExitCode(await world.cli.run('pause', 'app'), 0);
  world.people('1,ada@x.example,Director,on', ...people.slice(1));
  const run = await rehearse(world, '--json');
  expectExitCode(run, 3);
  expect(world.sandbox.log).toEqual([]);
  expect(linesOf(run, 'paused')).toMatchObject([{ target: 'app', pending: 1 }]);
});

test('inactive users that the application hides come from the state', async () => {
  await using world = await createWorld({ protocol: { inactiveUsers: 'notFound', reactivation: 'active' } });
  expectExitCode(await world.cli.run('sync'), 0);
  world.people(...people.slice(0, 2), '3,cy@x.example,Nurse,off');
  expectExitCode(await world.cli.run('sync'), 0);
  world.people(...people);
  const run = await rehearse(world, '--json');
  expectExitCode(run, 0);
  expect(linesOf(run, 'copied')).toMatchObject([{ users: 3, fromState: { users: 1, memberships: 0 } }]);
  expect(differencesOf(run)).toEqual([['changed cy@x.example', [{ path: 'active', from: false, to: true }]]]);
});

test.each<[string, Settings, readonly string[], number, string, readonly number[]]>([
  ['an unknown target', {}, ['--target', 'ap'], 4, 'unknown target: ap; the configuration has app', []],
  ['a wrong token', { auth: { type: 'bearer', token: 'wrong' } }, [], 1, 'its users cannot be copied', []],
  ['a dead target', { url: 'http://127.0.0.1:9/scim' }, [], 1, 'its users cannot be copied', []],
  ['a listing that lies', { profile: { limits: { pageSize: 2 } } }, [], 1, 'ignores startIndex', [17]],
  ['an unreliable listing', { profile: { protocol: { listing: 'unreliable' } } }, [], 1, 'is not reliable', []],
])('%s ends the rehearsal with a sentence', async (_, target, args, code, sentence, misbehaviours) => {
  await using world = await createWorld({}, misbehaviours);
  world.configure();
  if (misbehaviours.length > 0) expectExitCode(await world.cli.run('sync', '--log-level', 'error'), 0);
  world.configure({}, target);
  const run = await rehearse(world, ...args);
  expectExitCode(run, code);
  expect(run.stderr).toContain(sentence);
  expect(run.stderr).not.toContain('internal error');
});
