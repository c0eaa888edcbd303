import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { addTeam, byId, company, hire, type Company, type Person } from '../world/company.ts';
import { count, credulous, enterpriseUser, expectCode, taken, world, writes, type World } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import type { LogEntry } from '../world/strict-server.ts';

jest.setTimeout(60_000);

interface PatchOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

const patchOperations = (entry: LogEntry | undefined): readonly PatchOperation[] =>
  (entry?.body as { Operations?: PatchOperation[] } | undefined)?.Operations ?? [];

describe('a changed person', () => {
  let at: World;
  let made: Company;
  let person: Person;

  beforeAll(async () => {
    at = await world();
    made = company(22, 12);
    person = hire(made, { manager: 'e00001', title: 'Engineer' });
    expectCode(await at.pass(made), 0);
  });
  afterAll(() => at[Symbol.asyncDispose]());

  test.each([
    ['several attributes', { title: 'T', department: 'D', email: 'new@mail.example', givenName: 'Neu' }],
    ['an attribute that becomes blank', { title: '' }],
    ['an e-mail that becomes blank', { email: '' }],
    ['a department that becomes blank', { department: '' }],
    ['another manager', { manager: 'e00002' }],
    ['no manager any more', { manager: undefined }],
    ['a new userName', { userName: 'somebody.else@corp.example' }],
    ["only the letters' case of a title", { title: 'ENGINEER' }],
    ['letters beyond ASCII, quotes and commas', { familyName: 'Þór "x", y😀' }],
  ])('costs one request: %s, and back again', async (_what, change) => {
    const before = { ...person };
    for (const step of [change, before]) {
      taken(at.server);
      Object.assign(person, step);
      expectCode(await at.pass(made), 0);
      expect(taken(at.server).map(({ method, status }) => `${method} ${status}`)).toEqual(['PATCH 200']);
      expect(at.state()).toEqual(unblank(expectedState(made)));
    }
  });
});

describe('groups', () => {
  const wide = {
    profile: { extends: 'generic', allows: { membersPerRequest: 100 } },
    guard: { maxRemovals: '100%', maxRenames: '100%' },
  };

  test('250 new members cost 3 requests, and 240 fewer cost 3', async () => {
    await using at = await world({ source: credulous, target: wide });
    const made = company(24, 260);
    const team = addTeam(made, 'big', 'Big', ['e00001']);
    expectCode(await at.pass(made), 0);
    const ids = [...made.people.keys()];
    taken(at.server);
    for (const id of ids.slice(1, 251)) team.members.add(id);
    expectCode(await at.pass(made), 0);
    expect(taken(at.server).map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^PATCH \/Groups\//)),
    );
    expect(at.state().groups).toEqual(expectedState(made).groups);
    for (const id of ids.slice(1, 241)) team.members.delete(id);
    expectCode(await at.pass(made), 0);
    expect(count(taken(at.server), 'PATCH', /^\/Groups\//)).toBe(3);
    expect(at.state().groups).toEqual(expectedState(made).groups);
  });

  test('additions and removals in one group travel together', async () => {
    await using at = await world({ source: credulous, target: wide });
    const made = company(25, 30);
    const team = addTeam(made, 'one', 'One', [...made.people.keys()].slice(0, 10));
    expectCode(await at.pass(made), 0);
    taken(at.server);
    team.members.delete('e00001');
    team.members.delete('e00002');
    team.members.add('e00020');
    expectCode(await at.pass(made), 0);
    expect(writes(taken(at.server))).toHaveLength(1);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('are renamed with one request and keep their members', async () => {
    await using at = await world();
    const made = company(26, 12, 3);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    Object.assign(made.teams.get('t2') ?? {}, { displayName: 'Team, renamed "2"' });
    expectCode(await at.pass(made), 0);
    expect(taken(at.server).map(({ method }) => method)).toEqual(['PATCH']);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('swap their names', async () => {
    await using at = await world();
    const made = company(27, 6, 2);
    expectCode(await at.pass(made), 0);
    const [one, two] = [...made.teams.values()];
    if (one === undefined || two === undefined) throw new Error('two teams');
    [one.displayName, two.displayName] = [two.displayName, one.displayName];
    for (let turn = 0; turn < 3; turn += 1) await at.pass(made);
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test.each([
    ['delete', 1],
    ['keep', 0],
  ] as const)('that left the source: %s', async (groups, deletions) => {
    await using at = await world({ target: { leavers: { action: 'deactivate', groups } } });
    const made = company(28, 8, 3);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    made.teams.delete('t3');
    expectCode(await at.pass(made), 0);
    expect(count(taken(at.server), 'DELETE', /^\/Groups\//)).toBe(deletions);
    expect(at.server.groups.size).toBe(3 - deletions);
    expect(at.state().users).toEqual(expectedState(made).users);
  });

  test('hold groups, in rings too', async () => {
    await using at = await world();
    const made = company(29, 10, 3);
    made.teams.get('t1')?.members.add('t2');
    made.teams.get('t2')?.members.add('t3');
    made.teams.get('t3')?.members.add('t1');
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    made.teams.get('t2')?.members.delete('t3');
    taken(at.server);
    expectCode(await at.pass(made), 0);
    expect(writes(taken(at.server))).toHaveLength(1);
    expect(at.state()).toEqual(expectedState(made));
  });

  test('with a member who is nobody are made without, and completed when somebody comes', async () => {
    await using at = await world();
    const made = company(30, 5);
    addTeam(made, 'x', 'X', ['e00001', 'e00099']);
    await at.pass(made);
    expect(at.state()).toEqual(expectedState(made));
    hire(made, { id: 'e00099' });
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
  });
});

/** A blank cell is an attribute that is absent. */
function unblank(state: ReturnType<typeof expectedState>): unknown {
  const users = Object.entries(state.users).map(
    ([id, user]) =>
      [
        id,
        Object.fromEntries(
          Object.entries(user).map(([name, value]) => [name, value === '' ? undefined : (value as unknown)]),
        ),
      ] as const,
  );
  return { ...state, users: Object.fromEntries(users) };
}

test('an attribute of an extension is addressed by its URN', async () => {
  await using at = await world();
  const made = company(31, 3);
  expectCode(await at.pass(made), 0);
  taken(at.server);
  byId(made, 'e00001').department = 'Space';
  expectCode(await at.pass(made), 0);
  expect(patchOperations(taken(at.server)[0])).toMatchObject([
    { path: `${enterpriseUser}:department`, value: 'Space' },
  ]);
});

test('a changed attribute costs one PATCH that holds only what changed', async () => {
  await using at = await world();
  const made = company(21, 20, 2);
  expectCode(await at.pass(made), 0);
  taken(at.server);
  byId(made, 'e00004').title = 'Astronaut';
  expectCode(await at.pass(made), 0);
  const log = taken(at.server);
  expect(log.map(({ method, status }) => `${method} ${status}`)).toEqual(['PATCH 200']);
  expect(patchOperations(log[0])).toMatchObject([{ value: expect.anything() }]);
  expect(JSON.stringify(log[0]?.body)).toContain('Astronaut');
  expect(JSON.stringify(log[0]?.body)).not.toContain('p4@corp.example');
  expect(at.state()).toEqual(expectedState(made));
});

test('who is gone there is made anew, in the next pass at the latest', async () => {
  await using at = await world();
  const made = company(23, 10, 2);
  expectCode(await at.pass(made), 0);
  const lost = [...at.server.users.values()].find(({ data }) => data['externalId'] === 'e00010');
  at.server.drop('User', lost?.id ?? '');
  byId(made, 'e00010').title = 'Ghost';
  await at.pass(made);
  await at.pass(made);
  const last = await at.pass(made);
  expectCode(last, 0);
  expect(at.state().users).toEqual(expectedState(made).users);
});
