import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, createCompany, hire, type Company, type Person } from '../world/company.ts';
import {
  countRequests,
  enterpriseUser,
  expectExitCode,
  operationLines,
  drainLog,
  createFixture,
  writes,
  type Fixture,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { Resource } from '../world/strict-server/schema.ts';

jest.setTimeout(60_000);

const existingAccount = (person: Person, overrides: Resource = {}): Resource => ({
  userName: person.userName,
  active: true,
  name: { givenName: person.givenName, familyName: person.familyName },
  title: person.title,
  emails: [{ type: 'work', value: person.email }],
  [enterpriseUser]: { department: person.department },
  ...overrides,
});

function seedUnmanagedUsers(fixture: Fixture, howMany: number, from = 0): string[] {
  return Array.from({ length: howMany }, (_, turn) => {
    const number = from + turn;
    return fixture.server.seed('User', {
      userName: `stranger${number}@elsewhere.example`,
      externalId: `s${number}`,
      title: 'Stranger',
      active: true,
    });
  });
}

/** Strangers are as they were seeded: a resource's version counts its changes. */
function expectUntouched(fixture: Fixture, ids: readonly string[]): void {
  expect(ids.filter((id) => fixture.server.users.get(id)?.version !== 1)).toEqual([]);
}

/** The expected state, for the people of `company` only. */
function managedUsers(fixture: Fixture, company: Company): unknown {
  const { users } = fixture.state();
  return Object.fromEntries(Object.entries(users).filter(([key]) => company.people.has(key)));
}

describe('accounts that were there before', () => {
  test('1,500 among 2,000 strangers are adopted with a few dozen requests, and only what differs is changed', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(61, 1500);
    const ids = new Map<string, string>();
    const strangers: string[] = [];
    let turn = 0;
    let differing = 0;
    for (const person of company.people.values()) {
      turn += 1;
      if (turn % 3 !== 0) strangers.push(...seedUnmanagedUsers(fixture, 2, strangers.length));
      const same = turn % 2 === 0;
      if (!same) differing += 1;
      // One in two has no externalId yet; some of them are inactive, some have their name in capitals or another title.
      const manager = person.manager === undefined ? {} : { manager: { value: ids.get(person.manager) } };
      const overrides = same
        ? { externalId: person.id }
        : turn % 5 === 0
          ? { active: false }
          : turn % 7 === 0
            ? { title: 'Old' }
            : {};
      ids.set(
        person.id,
        fixture.server.seed(
          'User',
          existingAccount(person, { ...overrides, [enterpriseUser]: { department: person.department, ...manager } }),
        ),
      );
    }
    expect(strangers).toHaveLength(2000);
    const run = await fixture.pass(company);
    expectExitCode(run, 0);
    const log = drainLog(fixture.server);
    expect(managedUsers(fixture, company)).toEqual(expectedState(company).users);
    expect(fixture.server.users.size).toBe(3500);
    expectUntouched(fixture, strangers);
    expect(countRequests(log, 'GET', /./)).toBeLessThanOrEqual(45);
    expect({ post: countRequests(log, 'POST', /./), patch: countRequests(log, 'PATCH', /./) }).toEqual({
      post: 0,
      patch: differing,
    });
    expect(operationLines(run).filter(({ outcome }) => outcome === 'adopted').length).toBe(1500);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('are found one by one where few are to be created', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(62, 40);
    expectExitCode(await fixture.pass(company), 0);
    const strangers = seedUnmanagedUsers(fixture, 600);
    const joiner = hire(company);
    const id = fixture.server.seed('User', { userName: joiner.userName.toUpperCase(), title: 'Was here' });
    drainLog(fixture.server);
    const run = await fixture.pass(company);
    expectExitCode(run, 0);
    const log = drainLog(fixture.server);
    expect(countRequests(log, 'GET', /./)).toBeLessThanOrEqual(3);
    expect(fixture.server.users.get(id)?.data).toMatchObject({ externalId: joiner.id, title: joiner.title });
    // RFC 7643 section 4.1.1: a userName in other letters is the same userName, so it may stay as it was found.
    joiner.userName = String(fixture.server.users.get(id)?.data['userName']);
    expect(managedUsers(fixture, company)).toEqual(expectedState(company).users);
    expect(
      operationLines(run)
        .filter(({ outcome }) => outcome === 'adopted')
        .map(({ key }) => key),
    ).toEqual([joiner.id]);
    expectUntouched(fixture, strangers);
  });

  test('are never linked through a filter that is ignored', async () => {
    await using fixture = await createFixture({ server: { ignoreFilters: true }, inProcess: true });
    const company = createCompany(63, 20);
    expectExitCode(await fixture.pass(company), 0);
    const strangers = seedUnmanagedUsers(fixture, 150);
    const held = hire(company);
    const hidden = fixture.server.seed('User', { userName: held.userName, title: 'Beyond the first page' });
    hire(company);
    await fixture.pass(company);
    expectUntouched(fixture, strangers);
    await fixture.pass(company);
    expectUntouched(fixture, strangers);
    expect(fixture.server.users.size).toBe(20 + 150 + 1 + 1);
    expect([undefined, held.id]).toContain(fixture.server.users.get(hidden)?.data['externalId']);
  });

  test('are left to whoever has them where adoption is off', async () => {
    await using fixture = await createFixture({ target: { adopt: false }, inProcess: true });
    const company = createCompany(64, 10);
    const [person] = company.people.values();
    const id = fixture.server.seed('User', { userName: person?.userName ?? '', title: 'Mine' });
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    expect(fixture.server.users.get(id)?.version).toBe(1);
    expect(fixture.server.users.size).toBe(10);
    expect(
      operationLines(run)
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ key }) => key),
    ).toEqual([person?.id]);
  });

  test('are found where a second one of the same name would be made without a word', async () => {
    const profile = { extends: 'generic', protocol: { allowsDuplicates: ['User', 'Group'] } };
    await using fixture = await createFixture({
      inProcess: true,
      server: { uniqueUserNames: false, uniqueDisplayNames: false },
      target: { profile },
    });
    const company = createCompany(67, 8);
    const [known] = [...company.people.values()];
    if (known === undefined) throw new Error('nobody');
    fixture.server.seed('User', { userName: known.userName });
    fixture.server.seed('Group', { displayName: 'Crew' });
    addTeam(company, 'crew', 'Crew', [known.id]);
    expectExitCode(await fixture.pass(company), 0);
    expect([fixture.server.users.size, fixture.server.groups.size]).toEqual([8, 1]);
    expect(fixture.state().groups['crew']?.members).toEqual([known.id]);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('who was listed is not looked for singly', async () => {
    await using fixture = await createFixture({
      inProcess: true,
      server: { uniqueUserNames: false },
      target: { profile: { extends: 'generic', protocol: { allowsDuplicates: ['User'] } } },
    });
    expectExitCode(await fixture.pass(createCompany(68, 30)), 0);
    expect(fixture.server.users.size).toBe(30);
    expect(drainLog(fixture.server).filter(({ method, path }) => method === 'GET' && path.includes('filter'))).toEqual(
      [],
    );
  });

  test('a group of the same name is adopted, and a stranger in it stays in it', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(65, 8);
    const [stranger = ''] = seedUnmanagedUsers(fixture, 1);
    const [known] = [...company.people.values()];
    if (known === undefined) throw new Error('nobody');
    const inside = fixture.server.seed('User', existingAccount(known, { externalId: known.id }));
    fixture.server.seed('Group', { displayName: 'Crew', members: [{ value: stranger }, { value: inside }] });
    addTeam(company, 'crew', 'Crew', [known.id, 'e00002', 'e00003']);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.server.groups.size).toBe(1);
    expect(fixture.state().groups['crew']?.members).toEqual([known.id, 'e00002', 'e00003', 's0'].sort());
    expectUntouched(fixture, [stranger]);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('that nobody in the source has are never removed', async () => {
    await using fixture = await createFixture({ target: { leavers: { action: 'delete' } }, inProcess: true });
    const strangers = seedUnmanagedUsers(fixture, 30);
    const company = createCompany(66, 10);
    expectExitCode(await fixture.pass(company), 0);
    expectExitCode(await fixture.cli.run('sync', '--full'), 0);
    expectUntouched(fixture, strangers);
  });
});
