import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { addTeam, byId, createCompany, hire, type Company, type Person } from '../world/company.ts';
import {
  countRequests,
  noSanityChecks,
  enterpriseUser,
  expectExitCode,
  drainLog,
  createFixture,
  writes,
  type Fixture,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { LogEntry } from '../world/strict-server/strict-server.ts';
import { unlimitedGuard } from '../world/limits.ts';

jest.setTimeout(60_000);

interface PatchOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

const patchOperations = (entry: LogEntry | undefined): readonly PatchOperation[] =>
  (entry?.body as { Operations?: PatchOperation[] } | undefined)?.Operations ?? [];

describe('a changed user', () => {
  let fixture: Fixture;
  let company: Company;
  let person: Person;

  beforeAll(async () => {
    fixture = await createFixture({ inProcess: true });
    company = createCompany(22, 12);
    person = hire(company, { manager: 'e00001', title: 'Engineer' });
    expectExitCode(await fixture.pass(company), 0);
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  test.each([
    ['several attributes', { title: 'T', department: 'D', email: 'new@mail.example', givenName: 'Neu' }],
    ['an attribute that becomes blank', { title: '' }],
    ['an e-mail that becomes blank', { email: '' }],
    ['a department that becomes blank', { department: '' }],
    ['another manager', { manager: 'e00002' }],
    ['a removed manager', { manager: undefined }],
    ['a new userName', { userName: 'renamed@corp.example' }],
    ['only the case of a title', { title: 'ENGINEER' }],
    ['non-ASCII letters, quotes and commas', { familyName: 'Þór "x", y😀' }],
  ])('costs one request, and so does the reversal: %s', async (_what, change) => {
    const before = { ...person };
    for (const step of [change, before]) {
      drainLog(fixture.server);
      Object.assign(person, step);
      expectExitCode(await fixture.pass(company), 0);
      expect(drainLog(fixture.server).map(({ method, status }) => `${method} ${status}`)).toEqual(['PATCH 200']);
      expect(fixture.state()).toEqual(withoutBlanks(expectedState(company)));
    }
  });
});

describe('groups', () => {
  const wide = {
    profile: { extends: 'generic', limits: { membersPerRequest: 100 } },
    guard: unlimitedGuard,
  };

  test('of 250 new members cost 3 requests, and removing 240 costs 3', async () => {
    await using fixture = await createFixture({ source: noSanityChecks, target: wide, inProcess: true });
    const company = createCompany(24, 260);
    const team = addTeam(company, 'big', 'Big', ['e00001']);
    expectExitCode(await fixture.pass(company), 0);
    const ids = [...company.people.keys()];
    drainLog(fixture.server);
    for (const id of ids.slice(1, 251)) team.members.add(id);
    expectExitCode(await fixture.pass(company), 0);
    expect(drainLog(fixture.server).map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^PATCH \/Groups\//)),
    );
    expect(fixture.state().groups).toEqual(expectedState(company).groups);
    for (const id of ids.slice(1, 241)) team.members.delete(id);
    expectExitCode(await fixture.pass(company), 0);
    expect(countRequests(drainLog(fixture.server), 'PATCH', /^\/Groups\//)).toBe(3);
    expect(fixture.state().groups).toEqual(expectedState(company).groups);
  });

  test('combine additions and removals of members in one request', async () => {
    await using fixture = await createFixture({ source: noSanityChecks, target: wide, inProcess: true });
    const company = createCompany(25, 30);
    const team = addTeam(company, 'one', 'One', [...company.people.keys()].slice(0, 10));
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    team.members.delete('e00001');
    team.members.delete('e00002');
    team.members.add('e00020');
    expectExitCode(await fixture.pass(company), 0);
    expect(writes(drainLog(fixture.server))).toHaveLength(1);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('are renamed with one request and keep their members', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(26, 12, 3);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    Object.assign(company.teams.get('t2') ?? {}, { displayName: 'Team, renamed "2"' });
    expectExitCode(await fixture.pass(company), 0);
    expect(drainLog(fixture.server).map(({ method }) => method)).toEqual(['PATCH']);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('can swap their names', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(27, 6, 2);
    expectExitCode(await fixture.pass(company), 0);
    const [one, two] = [...company.teams.values()];
    if (one === undefined || two === undefined) throw new Error('two teams');
    [one.displayName, two.displayName] = [two.displayName, one.displayName];
    for (let turn = 0; turn < 3; turn += 1) await fixture.pass(company);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test.each([
    ['delete', 1],
    ['empty', 0],
    ['keep', 0],
  ] as const)('that are no longer in the source: %s', async (groups, deletions) => {
    await using fixture = await createFixture({
      target: { leavers: { action: 'deactivate', groups } },
      inProcess: true,
    });
    const company = createCompany(28, 8, 3);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    company.teams.delete('t3');
    expectExitCode(await fixture.pass(company), 0);
    expect(countRequests(drainLog(fixture.server), 'DELETE', /^\/Groups\//)).toBe(deletions);
    expect(fixture.server.groups.size).toBe(3 - deletions);
    expect(fixture.state().users).toEqual(expectedState(company).users);
  });

  test('can contain groups, also in a cycle', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(29, 10, 3);
    company.teams.get('t1')?.members.add('t2');
    company.teams.get('t2')?.members.add('t3');
    company.teams.get('t3')?.members.add('t1');
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    company.teams.get('t2')?.members.delete('t3');
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(writes(drainLog(fixture.server))).toHaveLength(1);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('are created without a member that the source does not have, and get it when it joins', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(30, 5);
    addTeam(company, 'x', 'X', ['e00001', 'e00099']);
    await fixture.pass(company);
    expect(fixture.state()).toEqual(expectedState(company));
    hire(company, { id: 'e00099' });
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });
});

/** Removes attributes with an empty value: an empty CSV field means that the attribute is absent. */
function withoutBlanks(state: ReturnType<typeof expectedState>): unknown {
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
  await using fixture = await createFixture({ inProcess: true });
  const company = createCompany(31, 3);
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  byId(company, 'e00001').department = 'Space';
  expectExitCode(await fixture.pass(company), 0);
  expect(patchOperations(drainLog(fixture.server)[0])).toMatchObject([
    { path: `${enterpriseUser}:department`, value: 'Space' },
  ]);
});

test('a changed attribute costs one PATCH with that attribute only', async () => {
  await using fixture = await createFixture({ inProcess: true });
  const company = createCompany(21, 20, 2);
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  byId(company, 'e00004').title = 'Astronaut';
  expectExitCode(await fixture.pass(company), 0);
  const log = drainLog(fixture.server);
  expect(log.map(({ method, status }) => `${method} ${status}`)).toEqual(['PATCH 200']);
  expect(patchOperations(log[0])).toMatchObject([{ value: expect.anything() }]);
  expect(JSON.stringify(log[0]?.body)).toContain('Astronaut');
  expect(JSON.stringify(log[0]?.body)).not.toContain('p4@corp.example');
  expect(fixture.state()).toEqual(expectedState(company));
});

test('an account that was deleted at the application is created again, in the next pass at the latest', async () => {
  await using fixture = await createFixture({ inProcess: true });
  const company = createCompany(23, 10, 2);
  expectExitCode(await fixture.pass(company), 0);
  const deletedUser = [...fixture.server.users.values()].find(({ data }) => data['externalId'] === 'e00010');
  fixture.server.remove('User', deletedUser?.id ?? '');
  byId(company, 'e00010').title = 'Changed';
  await fixture.pass(company);
  await fixture.pass(company);
  const last = await fixture.pass(company);
  expectExitCode(last, 0);
  expect(fixture.state().users).toEqual(expectedState(company).users);
});
