import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, createCompany, hire, type Company, type Person } from '../world/company.ts';
import {
  countRequests,
  enterpriseUser,
  expectExitCode,
  operationLines,
  summaryLines,
  drainLog,
  createFixture,
  writes,
  type Fixture,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { Resource } from '../world/strict-server/schema.ts';
import type { StrictOptions } from '../world/strict-server/strict-server.ts';

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

function seedUnmanagedUsers(fixture: Fixture, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return fixture.server.seed('User', {
      userName: `unmanaged${number}@elsewhere.example`,
      externalId: `s${number}`,
      title: 'Unmanaged',
      active: true,
    });
  });
}

/** The resources have the version of their creation: the strict server increments the version on every change. */
function expectUntouched(fixture: Fixture, ids: readonly string[]): void {
  expect(ids.filter((id) => fixture.server.users.get(id)?.version !== 1)).toEqual([]);
}

/** The users of the application whose externalId belongs to a person of `company`. */
/** An active user of the company has the account, and an inactive one the same userName. */
async function expectActiveUserHasName(fixture: Fixture, company: Company): Promise<void> {
  const [person] = company.people.values();
  if (person === undefined) throw new Error('the company is empty');
  hire(company, { active: false, userName: person.userName.toUpperCase() });
  const id = fixture.server.seed('User', existingAccount(person));
  expectExitCode(await fixture.pass(company), 0);
  expect(fixture.server.users.get(id)?.data).toMatchObject({ externalId: person.id, active: true });
}

function managedUsers(fixture: Fixture, company: Company): unknown {
  const { users } = fixture.state();
  return Object.fromEntries(Object.entries(users).filter(([key]) => company.people.has(key)));
}

describe('existing accounts', () => {
  test('1,500 of 3,500 are adopted with at most 45 GET requests, and only differing accounts get a PATCH', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(61, 1500);
    const ids = new Map<string, string>();
    const unmanaged: string[] = [];
    let position = 0;
    let differing = 0;
    for (const person of company.people.values()) {
      position += 1;
      if (position % 3 !== 0) unmanaged.push(...seedUnmanagedUsers(fixture, 2, unmanaged.length));
      const isUpToDate = position % 2 === 0;
      if (!isUpToDate) differing += 1;
      // Every second account has no externalId yet; some of these are inactive or have another title.
      const manager = person.manager === undefined ? {} : { manager: { value: ids.get(person.manager) } };
      const overrides = isUpToDate
        ? { externalId: person.id }
        : position % 5 === 0
          ? { active: false }
          : position % 7 === 0
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
    expect(unmanaged).toHaveLength(2000);
    const run = await fixture.pass(company);
    expectExitCode(run, 0);
    const log = drainLog(fixture.server);
    expect(managedUsers(fixture, company)).toEqual(expectedState(company).users);
    expect(fixture.server.users.size).toBe(3500);
    expectUntouched(fixture, unmanaged);
    expect(countRequests(log, 'GET', /./)).toBeLessThanOrEqual(45);
    expect({ post: countRequests(log, 'POST', /./), patch: countRequests(log, 'PATCH', /./) }).toEqual({
      post: 0,
      patch: differing,
    });
    expect(operationLines(run).filter(({ outcome }) => outcome === 'adopted').length).toBe(1500);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('are looked up one by one if there are only a few users to create', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(62, 40);
    expectExitCode(await fixture.pass(company), 0);
    const unmanaged = seedUnmanagedUsers(fixture, 600);
    const joiner = hire(company);
    const id = fixture.server.seed('User', { userName: joiner.userName.toUpperCase(), title: 'Existing' });
    drainLog(fixture.server);
    const run = await fixture.pass(company);
    expectExitCode(run, 0);
    const log = drainLog(fixture.server);
    expect(countRequests(log, 'GET', /./)).toBeLessThanOrEqual(3);
    expect(fixture.server.users.get(id)?.data).toMatchObject({ externalId: joiner.id, title: joiner.title });
    // RFC 7643 section 4.1.1: userName is case-insensitive, so the existing spelling may stay.
    joiner.userName = String(fixture.server.users.get(id)?.data['userName']);
    expect(managedUsers(fixture, company)).toEqual(expectedState(company).users);
    expect(
      operationLines(run)
        .filter(({ outcome }) => outcome === 'adopted')
        .map(({ key }) => key),
    ).toEqual([joiner.id]);
    expectUntouched(fixture, unmanaged);
  });

  test('are not adopted on the evidence of a filter that the target ignores', async () => {
    await using fixture = await createFixture({ server: { ignoreFilters: true }, inProcess: true });
    const company = createCompany(63, 20);
    expectExitCode(await fixture.pass(company), 0);
    const unmanaged = seedUnmanagedUsers(fixture, 150);
    const joiner = hire(company);
    const hidden = fixture.server.seed('User', { userName: joiner.userName, title: 'Beyond the first page' });
    hire(company);
    await fixture.pass(company);
    expectUntouched(fixture, unmanaged);
    await fixture.pass(company);
    expectUntouched(fixture, unmanaged);
    expect(fixture.server.users.size).toBe(20 + 150 + 1 + 1);
    expect([undefined, joiner.id]).toContain(fixture.server.users.get(hidden)?.data['externalId']);
  });

  test('are not changed when adoption is disabled, and the create fails', async () => {
    await using fixture = await createFixture({ target: { adopt: false }, inProcess: true });
    const company = createCompany(64, 10);
    const [person] = company.people.values();
    const id = fixture.server.seed('User', { userName: person?.userName ?? '', title: 'Existing' });
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

  test('are found at a target that accepts duplicate names', async () => {
    const profile = { extends: 'generic', protocol: { allowsDuplicates: ['User', 'Group'] } };
    await using fixture = await createFixture({
      inProcess: true,
      server: { uniqueUserNames: false, uniqueDisplayNames: false },
      target: { profile },
    });
    const company = createCompany(67, 8);
    const [person] = [...company.people.values()];
    if (person === undefined) throw new Error('the company is empty');
    fixture.server.seed('User', { userName: person.userName });
    fixture.server.seed('Group', { displayName: 'Crew' });
    addTeam(company, 'crew', 'Crew', [person.id]);
    expectExitCode(await fixture.pass(company), 0);
    expect([fixture.server.users.size, fixture.server.groups.size]).toEqual([8, 1]);
    expect(fixture.state().groups['crew']?.members).toEqual([person.id]);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('are not looked up by filter after they were listed', async () => {
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

  test('a group of the same name is adopted, and its unmanaged member stays in it', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(65, 8);
    const [unmanagedId = ''] = seedUnmanagedUsers(fixture, 1);
    const [person] = [...company.people.values()];
    if (person === undefined) throw new Error('the company is empty');
    const knownId = fixture.server.seed('User', existingAccount(person, { externalId: person.id }));
    fixture.server.seed('Group', { displayName: 'Crew', members: [{ value: unmanagedId }, { value: knownId }] });
    addTeam(company, 'crew', 'Crew', [person.id, 'e00002', 'e00003']);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.server.groups.size).toBe(1);
    expect(fixture.state().groups['crew']?.members).toEqual([person.id, 'e00002', 'e00003', 's0'].sort());
    expectUntouched(fixture, [unmanagedId]);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('without a user in the source are never removed', async () => {
    await using fixture = await createFixture({ target: { leavers: { action: 'delete' } }, inProcess: true });
    const unmanaged = seedUnmanagedUsers(fixture, 30);
    const company = createCompany(66, 10);
    expectExitCode(await fixture.pass(company), 0);
    expectExitCode(await fixture.cli.run('sync', '--full'), 0);
    expectUntouched(fixture, unmanaged);
  });
});

describe("accounts with another person's externalId", () => {
  test.each([
    ['found by the conflict of the create', 5],
    ['found in the list', 25],
  ])('are not adopted unless --adopt-conflicts asks: %s', async (_what, size) => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(71, size);
    const [conflicting, withoutId, inOtherCase] = [...company.people.values()];
    if (conflicting === undefined || withoutId === undefined || inOtherCase === undefined) throw new Error('too few');
    const id = fixture.server.seed('User', existingAccount(conflicting, { externalId: '815', active: false }));
    fixture.server.seed('User', existingAccount(withoutId));
    fixture.server.seed('User', existingAccount(inOtherCase, { externalId: inOtherCase.id.toUpperCase() }));
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    expectUntouched(fixture, [id]);
    const failed = operationLines(run).filter(({ outcome }) => outcome === 'failed');
    expect(failed).toEqual([expect.objectContaining({ key: conflicting.id, action: 'create', status: 409 })]);
    for (const part of [id, '"815"', 'scimsync sync --target app --adopt-conflicts'])
      expect(failed[0]?.['detail']).toContain(part);
    expectExitCode(await fixture.pass(company), 1);
    expectUntouched(fixture, [id]);
    expectExitCode(await fixture.pass(company, '--adopt-conflicts'), 0);
    expect(fixture.server.users.get(id)?.data).toMatchObject({ externalId: conflicting.id, active: true });
    expect(fixture.server.users.size).toBe(size);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });
});

describe('accounts of people who should have no access, at the first pass', () => {
  const scope = { users: "user.department != 'Contractors'" };

  interface Given {
    readonly account?: Resource;
    readonly hasExternalId?: boolean;
    readonly target?: Readonly<Record<string, unknown>>;
    readonly size?: number;
  }

  /** One inactive person and one out of scope, each with an account; `size` others have none. */
  async function firstPass({ account = {}, hasExternalId = true, target = {}, size = 25 }: Given) {
    const fixture = await createFixture({ inProcess: true, target: { scope, ...target } });
    const company = createCompany(72, size);
    const inactive = hire(company, { active: false });
    const outside = hire(company, { department: 'Contractors' });
    const ids = [inactive, outside].map((person) =>
      fixture.server.seed(
        'User',
        existingAccount(person, { ...(hasExternalId ? { externalId: person.id } : {}), ...account }),
      ),
    );
    const unrelated = seedUnmanagedUsers(fixture, 3);
    const run = await fixture.pass(company);
    const isActive = (): readonly unknown[] => ids.map((id) => fixture.server.users.get(id)?.data['active']);
    return { fixture, company, ids, unrelated, run, isActive };
  }

  test.each<[string, Given]>([
    ['found by externalId', {}],
    ['found by userName', { hasExternalId: false }],
    ['with few creates', { size: 3 }],
    ['without any create', { size: 0 }],
  ])('are taken over and deactivated: %s', async (_what, given) => {
    const { fixture, company, unrelated, run, isActive } = await firstPass(given);
    await using _fixture = fixture;
    expectExitCode(run, 0);
    expect(isActive()).toEqual([false, false]);
    expectUntouched(fixture, unrelated);
    const outcomes = operationLines(run).map(({ action, outcome }) => `${String(action)} ${String(outcome)}`);
    expect(outcomes.filter((line) => line === 'verifyCreate adopted')).toHaveLength(2);
    expect(outcomes.filter((line) => line === 'deactivate done')).toHaveLength(2);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('are deleted where that is the rule', async () => {
    const { fixture, ids, run } = await firstPass({ target: { leavers: { action: 'delete' } } });
    await using _fixture = fixture;
    expectExitCode(run, 0);
    expect(ids.filter((id) => fixture.server.users.has(id))).toEqual([]);
  });

  test.each<[string, Given]>([
    ['leavers are kept', { target: { leavers: { action: 'keep' } } }],
    ['adoption is off', { target: { adopt: false } }],
    ['they carry the externalId of another person', { account: { externalId: '815' } }],
    ['they are inactive', { account: { active: false } }],
    ['they are protected', { target: { protect: "scim.title != 'x'" } }],
  ])('stay as they are: %s', async (_what, given) => {
    const { fixture, ids, run } = await firstPass(given);
    await using _fixture = fixture;
    expectExitCode(run, 0);
    expectUntouched(fixture, ids);
  });

  test('a name that now belongs to an active user decides for that user', async () => {
    await using fixture = await createFixture({ inProcess: true });
    await expectActiveUserHasName(fixture, createCompany(73, 25));
  });

  test('more than the guard allows are held, and an approval lets them through', async () => {
    await using fixture = await createFixture({
      inProcess: true,
      target: { guard: { maxRemovals: '5%', floor: 5 } },
    });
    const company = createCompany(74, 20);
    const leavers = Array.from({ length: 8 }, () => hire(company, { active: false }));
    for (const person of leavers) fixture.server.seed('User', existingAccount(person, { externalId: person.id }));
    const active = (): number =>
      [...fixture.server.users.values()].filter(({ data }) => data['active'] === true).length;
    expectExitCode(await fixture.pass(company), 3);
    expect(active()).toBe(28);
    expectExitCode(await fixture.pass(company, '--allow-removals', '8'), 0);
    expect(active()).toBe(20);
  });

  describe('where the target has no reliable list', () => {
    const target = { profile: { extends: 'generic', protocol: { listing: 'unreliable' } } };
    const lookUps = (fixture: Fixture): number =>
      drainLog(fixture.server).filter(({ method, query }) => method === 'GET' && query.includes('filter')).length;

    test('users who are inactive are looked up once; those out of scope are not', async () => {
      const { fixture, company, unrelated, run, isActive } = await firstPass({ target });
      await using _fixture = fixture;
      expectExitCode(run, 0);
      expect(isActive()).toEqual([false, true]);
      expectUntouched(fixture, unrelated);
      drainLog(fixture.server);
      hire(company, { active: false });
      expectExitCode(await fixture.pass(company), 0);
      // By externalId, and by userName.
      expect(lookUps(fixture)).toBe(2);
      expectExitCode(await fixture.pass(company, '--full'), 0);
      expect(lookUps(fixture)).toBe(0);
    });

    test.each<[string, Readonly<Record<string, unknown>>, boolean]>([
      ['no reliable list', target, false],
      ['a list that is refused', {}, true],
    ])('more than 500, over several passes, with exit code 1 until the last one: %s', async (_, more, isRefused) => {
      await using fixture = await createFixture({ inProcess: true, target: more });
      const list: NonNullable<StrictOptions['fault']> = ({ method, path, query }) =>
        isRefused && method === 'GET' && path === '/Users' && !query.includes('filter') ? { status: 403 } : undefined;
      fixture.server.options.fault = list;
      const company = createCompany(76, 3);
      const inactive = Array.from({ length: 1010 }, () => hire(company, { active: false, manager: undefined }));
      const open = [0, 505, 1009].map((index) => {
        const person = inactive[index];
        if (person === undefined) throw new Error(`there is no person ${index}`);
        return fixture.server.seed('User', existingAccount(person, { externalId: person.id }));
      });
      const isActive = () => open.map((id) => fixture.server.users.get(id)?.data['active']);
      const first = await fixture.pass(company);
      expectExitCode(first, 1);
      expect(summaryLines(first)[0]?.['unavailable']).toContain('510 of them are still to be looked up');
      expect(isActive()).toEqual([false, true, true]);
      // An unanswered look-up keeps no other user from being looked up.
      fixture.server.options.fault = (entry, number) =>
        /e00603|p603@/.test(entry.query) ? { status: 400 } : list(entry, number);
      const second = await fixture.pass(company);
      expectExitCode(second, 1);
      expect(summaryLines(second)[0]?.['unavailable']).toContain('11 of them are still to be looked up');
      fixture.server.options.fault = undefined;
      expect(isActive()).toEqual([false, false, true]);
      expectExitCode(await fixture.pass(company), 0);
      expect(isActive()).toEqual([false, false, false]);
      drainLog(fixture.server);
      expectExitCode(await fixture.pass(company), 0);
      expect(drainLog(fixture.server)).toEqual([]);
    });

    test('a name that now belongs to an active user decides for that user', async () => {
      await using fixture = await createFixture({
        inProcess: true,
        target: { profile: { extends: 'generic', protocol: { listing: 'unreliable', matchUsers: ['userName'] } } },
      });
      await expectActiveUserHasName(fixture, createCompany(77, 3));
    });
  });

  test('a target that is unreachable at first is compared later', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(75, 0);
    const person = hire(company, { active: false });
    const id = fixture.server.seed('User', existingAccount(person, { externalId: person.id }));
    fixture.server.options.fault = () => ({ status: 503 });
    expectExitCode(await fixture.pass(company), 1);
    fixture.server.options.fault = undefined;
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.server.users.get(id)?.data['active']).toBe(false);
  });
});
