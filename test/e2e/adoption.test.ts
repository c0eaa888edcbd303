import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, company, hire, type Company, type Person } from '../world/company.ts';
import { count, enterpriseUser, expectCode, operations, taken, world, writes, type World } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import type { Resource } from '../world/strict-schema.ts';

jest.setTimeout(60_000);

const account = (person: Person, more: Resource = {}): Resource => ({
  userName: person.userName,
  active: true,
  name: { givenName: person.givenName, familyName: person.familyName },
  title: person.title,
  emails: [{ type: 'work', value: person.email }],
  [enterpriseUser]: { department: person.department },
  ...more,
});

function seedStrangers(at: World, howMany: number, from = 0): string[] {
  return Array.from({ length: howMany }, (_, turn) => {
    const number = from + turn;
    return at.server.seed('User', {
      userName: `stranger${number}@elsewhere.example`,
      externalId: `s${number}`,
      title: 'Stranger',
      active: true,
    });
  });
}

/** Strangers are as they were seeded: a resource's version counts its changes. */
function expectUntouched(at: World, ids: readonly string[]): void {
  expect(ids.filter((id) => at.server.users.get(id)?.version !== 1)).toEqual([]);
}

/** The expected state, for the people of `made` only. */
function ours(at: World, made: Company): unknown {
  const { users } = at.state();
  return Object.fromEntries(Object.entries(users).filter(([key]) => made.people.has(key)));
}

describe('accounts that were there before', () => {
  test('1,500 among 2,000 strangers are adopted with a few dozen requests, and only what differs is changed', async () => {
    await using at = await world();
    const made = company(61, 1500);
    const ids = new Map<string, string>();
    const strangers: string[] = [];
    let turn = 0;
    let differing = 0;
    for (const person of made.people.values()) {
      turn += 1;
      if (turn % 3 !== 0) strangers.push(...seedStrangers(at, 2, strangers.length));
      const same = turn % 2 === 0;
      if (!same) differing += 1;
      // One in two has no externalId yet; some of them are inactive, some have their name in capitals or another title.
      const manager = person.manager === undefined ? {} : { manager: { value: ids.get(person.manager) } };
      const more = same
        ? { externalId: person.id }
        : turn % 5 === 0
          ? { active: false }
          : turn % 7 === 0
            ? { title: 'Old' }
            : {};
      ids.set(
        person.id,
        at.server.seed(
          'User',
          account(person, { ...more, [enterpriseUser]: { department: person.department, ...manager } }),
        ),
      );
    }
    expect(strangers).toHaveLength(2000);
    const run = await at.pass(made);
    expectCode(run, 0);
    const log = taken(at.server);
    expect(ours(at, made)).toEqual(expectedState(made).users);
    expect(at.server.users.size).toBe(3500);
    expectUntouched(at, strangers);
    expect(count(log, 'GET', /./)).toBeLessThanOrEqual(45);
    expect({ post: count(log, 'POST', /./), patch: count(log, 'PATCH', /./) }).toEqual({ post: 0, patch: differing });
    expect(operations(run).filter(({ outcome }) => outcome === 'adopted').length).toBe(1500);
    expectCode(await at.desk.run('sync'), 0);
    expect(taken(at.server)).toEqual([]);
  });

  test('are found one by one where few are to be created', async () => {
    await using at = await world();
    const made = company(62, 40);
    expectCode(await at.pass(made), 0);
    const strangers = seedStrangers(at, 600);
    const joiner = hire(made);
    const id = at.server.seed('User', { userName: joiner.userName.toUpperCase(), title: 'Was here' });
    taken(at.server);
    const run = await at.pass(made);
    expectCode(run, 0);
    const log = taken(at.server);
    expect(count(log, 'GET', /./)).toBeLessThanOrEqual(3);
    expect(at.server.users.get(id)?.data).toMatchObject({ externalId: joiner.id, title: joiner.title });
    // RFC 7643 section 4.1.1: a userName in other letters is the same userName, so it may stay as it was found.
    joiner.userName = String(at.server.users.get(id)?.data['userName']);
    expect(ours(at, made)).toEqual(expectedState(made).users);
    expect(
      operations(run)
        .filter(({ outcome }) => outcome === 'adopted')
        .map(({ key }) => key),
    ).toEqual([joiner.id]);
    expectUntouched(at, strangers);
  });

  test('are never linked through a filter that is ignored', async () => {
    await using at = await world({ server: { ignoreFilters: true } });
    const made = company(63, 20);
    expectCode(await at.pass(made), 0);
    const strangers = seedStrangers(at, 150);
    const held = hire(made);
    const hidden = at.server.seed('User', { userName: held.userName, title: 'Beyond the first page' });
    hire(made);
    await at.pass(made);
    expectUntouched(at, strangers);
    await at.pass(made);
    expectUntouched(at, strangers);
    expect(at.server.users.size).toBe(20 + 150 + 1 + 1);
    expect([undefined, held.id]).toContain(at.server.users.get(hidden)?.data['externalId']);
  });

  test('are left to whoever has them where adoption is off', async () => {
    await using at = await world({ target: { adopt: false } });
    const made = company(64, 10);
    const [person] = made.people.values();
    const id = at.server.seed('User', { userName: person?.userName ?? '', title: 'Mine' });
    const run = await at.pass(made);
    expectCode(run, 1);
    expect(at.server.users.get(id)?.version).toBe(1);
    expect(at.server.users.size).toBe(10);
    expect(
      operations(run)
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ key }) => key),
    ).toEqual([person?.id]);
  });

  test('are found where a second one of the same name would be made without a word', async () => {
    const profile = { extends: 'generic', speaks: { twins: ['User', 'Group'] } };
    await using at = await world({
      server: { uniqueUserNames: false, uniqueDisplayNames: false },
      target: { profile },
    });
    const made = company(67, 8);
    const [known] = [...made.people.values()];
    if (known === undefined) throw new Error('nobody');
    at.server.seed('User', { userName: known.userName });
    at.server.seed('Group', { displayName: 'Crew' });
    addTeam(made, 'crew', 'Crew', [known.id]);
    expectCode(await at.pass(made), 0);
    expect([at.server.users.size, at.server.groups.size]).toEqual([8, 1]);
    expect(at.state().groups['crew']?.members).toEqual([known.id]);
    taken(at.server);
    expectCode(await at.desk.run('sync'), 0);
    expect(taken(at.server)).toEqual([]);
  });

  test('who was listed is not looked for singly', async () => {
    await using at = await world({
      server: { uniqueUserNames: false },
      target: { profile: { extends: 'generic', speaks: { twins: ['User'] } } },
    });
    expectCode(await at.pass(company(68, 30)), 0);
    expect(at.server.users.size).toBe(30);
    expect(taken(at.server).filter(({ method, path }) => method === 'GET' && path.includes('filter'))).toEqual([]);
  });

  test('a group of the same name is adopted, and a stranger in it stays in it', async () => {
    await using at = await world();
    const made = company(65, 8);
    const [stranger = ''] = seedStrangers(at, 1);
    const [known] = [...made.people.values()];
    if (known === undefined) throw new Error('nobody');
    const inside = at.server.seed('User', account(known, { externalId: known.id }));
    at.server.seed('Group', { displayName: 'Crew', members: [{ value: stranger }, { value: inside }] });
    addTeam(made, 'crew', 'Crew', [known.id, 'e00002', 'e00003']);
    expectCode(await at.pass(made), 0);
    expect(at.server.groups.size).toBe(1);
    expect(at.state().groups['crew']?.members).toEqual([known.id, 'e00002', 'e00003', 's0'].sort());
    expectUntouched(at, [stranger]);
    taken(at.server);
    expectCode(await at.desk.run('sync'), 0);
    expect(writes(taken(at.server))).toEqual([]);
  });

  test('that nobody in the source has are never removed', async () => {
    await using at = await world({ target: { leavers: { action: 'delete' } } });
    const strangers = seedStrangers(at, 30);
    const made = company(66, 10);
    expectCode(await at.pass(made), 0);
    expectCode(await at.desk.run('sync', '--full'), 0);
    expectUntouched(at, strangers);
  });
});
