import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { configuration, createFixture, expectExitCode, target, type Fixture } from '../../world/fixture.ts';
import { startScimmy } from '../../world/third-party/scimmy.ts';
import type { ThirdPartyServer } from '../../world/third-party/server-process.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import {
  startStrictServer,
  type Fault,
  type LogEntry,
  type StrictServer,
} from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise];

interface World {
  readonly source: StrictServer;
  readonly at: Fixture;
  readonly ids: ReadonlyMap<string, string>;
  fault: ((entry: LogEntry, number: number) => Fault | undefined) | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A SCIM server with three people and nested groups as the source, with two resources on a page. */
async function createWorld(users: object = {}): Promise<World> {
  const options: { fault: World['fault']; pageLimit: number } = { fault: undefined, pageLimit: 2 };
  const source = await startStrictServer(options);
  const ids = new Map<string, string>();
  for (const name of ['ada', 'bob', 'cyd']) {
    const manager = ids.get('ada');
    const id = source.seed('User', {
      schemas,
      userName: `${name}@x.example`,
      externalId: `E-${name}`,
      name: { givenName: name, familyName: 'X' },
      emails: [{ type: 'work', value: `${name}@x.example` }],
      roles: [{ value: 'reader' }, { value: 'writer' }],
      active: name !== 'cyd',
      [enterprise]: { department: 'Sales', ...(manager === undefined ? {} : { manager: { value: manager } }) },
    });
    ids.set(name, id);
  }
  const member = (name: string): object => ({ value: ids.get(name) });
  ids.set('Red', source.seed('Group', { displayName: 'Red', members: [member('ada'), member('bob')] }));
  ids.set('Blue', source.seed('Group', { displayName: 'Blue', members: [] }));
  const at = await createFixture();
  at.cli.configure({
    ...configuration([target(at.server.url, { guard: unlimitedGuard, mapping: {} })]),
    source: {
      type: 'scim',
      url: source.url,
      auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
      users,
      groups: {},
    },
  });
  return {
    source,
    at,
    ids,
    set fault(fault: World['fault']) {
      options.fault = fault;
    },
    get fault() {
      return options.fault;
    },
    [Symbol.asyncDispose]: async () => {
      await at[Symbol.asyncDispose]();
      await source.close();
    },
  };
}

const byName = ({ at }: World): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  Object.fromEntries([...at.server.users.values()].map(({ data }) => [String(data['userName']), data]));

const active = (world: World): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(byName(world)).map(([name, { active: isActive }]) => [name, isActive]));

const initial = { 'ada@x.example': true, 'bob@x.example': true };

/** A server whose second page of users is the first one. */
function repeatedPage(): (entry: LogEntry) => Fault | undefined {
  let first: unknown[] = [];
  return ({ path, query }) => {
    if (!path.startsWith('/Users')) return undefined;
    return {
      status: 200,
      after: true,
      body(page) {
        const list = page as { readonly Resources: unknown[] };
        if (query.includes('startIndex=3')) return { ...list, Resources: first.slice(0, list.Resources.length) };
        first = list.Resources;
        return list;
      },
    };
  };
}

describe('a SCIM server as a source', () => {
  test('is copied without a mapping, and an unchanged list changes nothing', async () => {
    await using world = await createWorld();
    const { at, ids, source } = world;
    const check = await at.cli.run('check');
    expectExitCode(check, 0);
    expectExitCode(await at.cli.run('plan'), 0);
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(world)).toEqual(initial);
    const { 'ada@x.example': ada, 'bob@x.example': bob } = byName(world);
    expect(ada).toMatchObject({
      externalId: ids.get('ada'),
      name: { givenName: 'ada', familyName: 'X' },
      emails: [{ type: 'work', value: 'ada@x.example' }],
      [enterprise]: { department: 'Sales' },
    });
    expect((ada?.['roles'] as { value: string }[]).map(({ value }) => value)).toEqual(['reader', 'writer']);
    const adaAtTarget = [...at.server.users].find(([, { data }]) => data['userName'] === 'ada@x.example')?.[0];
    expect(bob).toMatchObject({ [enterprise]: { manager: { value: adaAtTarget } } });
    const groups = [...at.server.groups.values()].map(({ data }) => [
      data['displayName'],
      ((data['members'] ?? []) as unknown[]).length,
    ]);
    expect(Object.fromEntries(groups)).toEqual({ Red: 2, Blue: 0 });
    expect(source.log.every(({ method }) => method === 'GET')).toBe(true);
    const before = at.server.log.length;
    expectExitCode(await at.cli.run('sync'), 0);
    expect(at.server.log.length).toBe(before);
    expect((await at.cli.run('explain', 'bob@x.example')).stdout).toContain('department: Sales');

    source.remove('User', ids.get('bob') ?? '');
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(world)).toEqual({ ...initial, 'bob@x.example': false });
  });

  test('with another key: members and managers follow', async () => {
    await using world = await createWorld({ key: 'userName' });
    expectExitCode(await world.at.cli.run('sync'), 0);
    const { 'ada@x.example': ada, 'bob@x.example': bob } = byName(world);
    expect(ada).toMatchObject({ externalId: 'ada@x.example' });
    expect(bob?.[enterprise]).toHaveProperty('manager');
    expect([...world.at.server.groups.values()].some(({ data }) => (data['members'] as unknown[]).length === 2)).toBe(
      true,
    );
  });

  test.each<[string, (entry: LogEntry) => Fault | undefined]>([
    ['refuses the second page', ({ query }) => (query.includes('startIndex=3') ? { status: 400 } : undefined)],
    ['refuses the list of groups', ({ path }) => (path.startsWith('/Groups') ? { status: 403 } : undefined)],
    [
      'states more users than it sends',
      ({ path }) =>
        path.startsWith('/Users')
          ? { status: 200, body: () => ({ totalResults: 40, startIndex: 1, itemsPerPage: 0, Resources: [] }) }
          : undefined,
    ],
    [
      'sends an empty second page',
      ({ query }) =>
        query.includes('startIndex=3')
          ? { status: 200, after: true, body: (page) => ({ ...(page as object), Resources: [] }) }
          : undefined,
    ],
    ['sends the first page twice', repeatedPage()],
    [
      'states fewer users than it has',
      ({ path }) =>
        path.startsWith('/Users')
          ? { status: 200, after: true, body: (page) => ({ ...(page as object), totalResults: 2 }) }
          : undefined,
    ],
    ['sends a web page', () => ({ status: 200, body: () => ({ html: 'login' }) })],
  ])('that %s is an incomplete reading: nothing changes', async (_, fault) => {
    await using world = await createWorld();
    expectExitCode(await world.at.cli.run('sync'), 0);
    world.fault = fault;
    const run = await world.at.cli.run('sync');
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: scim.incomplete)');
    expect(active(world)).toEqual(initial);
    world.fault = undefined;
    expectExitCode(await world.at.cli.run('sync'), 0);
  });
});

/** Creates two people and their group in SCIMMY. */
async function addPeople(scimmy: ThirdPartyServer): Promise<void> {
  const post = async (path: string, body: object): Promise<string> => {
    const response = await fetch(`${scimmy.url}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${scimmy.token}`, 'Content-Type': 'application/scim+json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return String(((await response.json()) as { id: unknown }).id);
  };
  const ids: string[] = [];
  for (const name of ['ada', 'bob'])
    ids.push(
      await post('/Users', { schemas: schemas.slice(0, 1), userName: name, displayName: `The ${name}`, active: true }),
    );
  await post('/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Red',
    members: ids.map((value) => ({ value })),
  });
}

test('SCIMMY as the source, with people, groups and members', async () => {
  await using scimmy = await startScimmy();
  await addPeople(scimmy);
  await using at = await createFixture();
  at.cli.configure({
    ...configuration([target(at.server.url, { guard: unlimitedGuard, mapping: {} })]),
    source: { type: 'scim', url: scimmy.url, auth: { type: 'bearer', token: scimmy.token }, groups: {} },
  });
  expectExitCode(await at.cli.run('sync'), 0);
  expect(
    [...at.server.users.values()].map(({ data }) => [data['userName'], data['displayName'], data['active']]),
  ).toEqual(
    expect.arrayContaining([
      ['ada', 'The ada', true],
      ['bob', 'The bob', true],
    ]),
  );
  expect([...at.server.groups.values()].map(({ data }) => (data['members'] as unknown[]).length)).toEqual([2]);
});

test('SCIMMY as a joined source', async () => {
  await using scimmy = await startScimmy();
  await addPeople(scimmy);
  await using at = await createFixture();
  at.cli.configure({
    ...configuration([
      target(at.server.url, {
        guard: unlimitedGuard,
        mapping: { user: { userName: 'hr.login', displayName: "has(idp.displayName) ? idp.displayName : 'none'" } },
      }),
    ]),
    source: undefined,
    sources: {
      hr: { type: 'csv', users: { file: 'hr.csv', key: 'id' } },
      idp: {
        type: 'scim',
        url: scimmy.url,
        auth: { type: 'bearer', token: scimmy.token },
        join: { on: 'idp.userName', equals: 'hr.login', keyForm: ['ignoreCase'] },
      },
    },
  });
  writeFileSync(at.cli.path('hr.csv'), 'id,login\n1,Ada\n2,bob\n3,cyd\n');
  expectExitCode(await at.cli.run('check'), 0);
  expectExitCode(await at.cli.run('sync'), 0);
  expect(
    Object.fromEntries([...at.server.users.values()].map(({ data }) => [data['userName'], data['displayName']])),
  ).toEqual({
    Ada: 'The ada',
    bob: 'The bob',
    cyd: 'none',
  });
  expect((await at.cli.run('plan', '--full', '--exit-code')).code).toBe(0);
});
