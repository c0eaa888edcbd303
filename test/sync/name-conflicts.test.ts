import { describe, expect, test } from '@jest/globals';
import type { Protocol } from '../../src/model/profile.ts';
import { phases } from '../../src/plan/phases.ts';
import { count, limitsOf } from '../world/limits.ts';
import { profileWith } from '../world/profile.ts';
import { targetSpec, type Company } from './company.ts';
import { companyOf, createPassFixture, person, type PassFixtureOptions } from './pass-fixture.ts';

const groups = (names: Readonly<Record<string, string>>): Company =>
  companyOf(
    { p1: 'ada' },
    Object.fromEntries(Object.entries(names).map(([key, name]) => [key, { name, members: [] }])),
  );

const deleting: PassFixtureOptions = { spec: targetSpec({ action: 'delete' }) };

describe('a name that changes hands', () => {
  test.each<[string, PassFixtureOptions, Company, Company, readonly string[]]>([
    // case, options, before, after, what the application receives
    [
      'in a chain: the user at its end is renamed first',
      {},
      companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd' }),
      companyOf({ p1: 'bob', p2: 'cyd', p3: 'dan' }),
      ['update User p3', 'update User p2', 'update User p1'],
    ],
    [
      'between two users: one of them has a temporary name in between',
      {},
      companyOf({ p1: 'ada', p2: 'bob' }),
      companyOf({ p1: 'bob', p2: 'ada' }),
      ['update User p1', 'update User p2', 'update User p1'],
    ],
    [
      'to a joiner, from a user who is renamed',
      {},
      companyOf({ p1: 'ada' }),
      companyOf({ p1: 'eve', p2: 'ada' }),
      ['update User p1', 'create User p2'],
    ],
    [
      'to a joiner, from a leaver whose account stays',
      {},
      companyOf({ p1: 'ada', p2: 'bob' }),
      companyOf({ p2: 'bob', p3: 'ada' }),
      ['deactivate User p1', 'update User p1', 'create User p3'],
    ],
    [
      'to a joiner, from a leaver whose account is deleted',
      deleting,
      companyOf({ p1: 'ada', p2: 'bob' }),
      companyOf({ p2: 'bob', p3: 'ada' }),
      ['delete User p1', 'create User p3'],
    ],
    [
      'in another case',
      {},
      companyOf({ p1: 'ada', p2: 'bob' }),
      companyOf({ p1: 'eve', p2: 'ADA' }),
      ['update User p1', 'update User p2'],
    ],
    [
      'between two groups',
      {},
      groups({ g1: 'red', g2: 'blue' }),
      groups({ g1: 'blue', g2: 'red' }),
      ['update Group g1', 'update Group g2', 'update Group g1'],
    ],
    [
      'from a group that is deleted to a new one',
      {},
      groups({ g1: 'red' }),
      groups({ g2: 'red' }),
      ['delete Group g1', 'create Group g2'],
    ],
  ])('%s', async (_, options, before, after, received) => {
    using fixture = createPassFixture(options);
    await fixture.pass(before);
    expect(await fixture.pass(after)).toEqual(received);
    expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([0]);
    expect(await fixture.pass(after)).toEqual([]);
  });
});

test('the application decides whether two groups of the source have one name', async () => {
  using fixture = createPassFixture();
  await fixture.pass(groups({ g1: 'red', g2: 'blue' }));
  const received = await fixture.pass(groups({ g1: 'red', g2: 'Red', g3: 'RED' }));
  expect(received).toEqual(['update Group g2', 'create Group g3']);
  // This application refuses both.
  expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([2]);
  // The name becomes free.
  expect(await fixture.pass(groups({ g1: 'green', g2: 'Red' }))).toEqual(['update Group g1', 'update Group g2']);
  expect(await fixture.pass(groups({ g1: 'green', g2: 'Red' }))).toEqual([]);
});

test.each<[string, Partial<Protocol>]>([
  ['is not readable', { inactiveUsers: 'notFound' }],
  ['is anonymised', { inactiveUsers: 'anonymised' }],
  ['cannot be changed', { inactiveUsersWritable: false }],
])('an inactive account that %s is not renamed for a joiner with its name', async (_, protocol) => {
  using fixture = createPassFixture({
    spec: {
      ...targetSpec({}),
      profile: profileWith({
        protocol: { ifMatch: 'never', ...protocol },
        limits: { requestsPerSecond: 1000, concurrency: 1 },
      }),
    },
  });
  await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }));
  const received = await fixture.pass(companyOf({ p2: 'bob', p3: 'ada' }));
  expect(received).toEqual(['deactivate User p1', 'create User p3']);
});

describe('the name of a group that left the source and stays without members', () => {
  const withGroup = (key: string, members: readonly string[]): Company =>
    companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd' }, { [key]: { name: 'Sales', members } });

  test('goes to the new group of that name', async () => {
    using fixture = createPassFixture({ spec: targetSpec({ groups: 'empty' }) });
    await fixture.pass(withGroup('g1', ['p1', 'p2']));
    await fixture.pass(withGroup('g2', ['p3']));
    const groups = () =>
      [...fixture.target.accounts.Group.values()].map(({ body, members }) => [body['displayName'], members.size]);
    const renamed = [expect.stringMatching(/^Sales\.left-/), 0];
    expect(groups()).toEqual([renamed, ['Sales', 1]]);
    expect(await fixture.pass(withGroup('g2', ['p3']))).toEqual([]);
    expect(fixture.report().reports.map(({ problems }) => problems)).toEqual([0]);
    // The first group is back under another name.
    const both = companyOf(Object.fromEntries(withGroup('g2', []).people), {
      g1: { name: 'Old sales', members: ['p1'] },
      g2: { name: 'Sales', members: ['p3'] },
    });
    await fixture.pass(both);
    expect(groups()).toEqual([
      ['Old sales', 1],
      ['Sales', 1],
    ]);
  });

  test('waits while the guard holds the members who leave', async () => {
    const guard = limitsOf({ maxMembershipRemovals: count(1) });
    using fixture = createPassFixture({ spec: { ...targetSpec({ groups: 'empty' }), guard } });
    await fixture.pass(withGroup('g1', ['p1', 'p2']));
    await fixture.pass(withGroup('g2', ['p3']));
    const [first, ...others] = fixture.target.accounts.Group.values();
    expect([first?.body['displayName'], first?.members.size, others.length]).toEqual(['Sales', 2, 0]);
    await fixture.pass(withGroup('g2', ['p3']), { approval: { removals: 2 } });
    expect([...fixture.target.accounts.Group.values()].map(({ members }) => members.size)).toEqual([0, 1]);
  });

  test('stays at a target that renames no group', async () => {
    const spec = targetSpec({ groups: 'empty' });
    const { supports } = spec.profile;
    const profile = { ...spec.profile, supports: { ...supports, groupNameImmutable: true } };
    using fixture = createPassFixture({ spec: { ...spec, profile } });
    await fixture.pass(withGroup('g1', ['p1', 'p2']));
    await fixture.pass(withGroup('g2', ['p3']));
    expect([...fixture.target.accounts.Group.values()].map(({ body }) => body['displayName'])).toEqual(['Sales']);
    expect(fixture.report().reports.map(({ problems }) => problems)).toEqual([1]);
  });
});

describe('a name whose holder keeps it', () => {
  test.each<[string, PassFixtureOptions, Company]>([
    ['is not taken by a joiner', {}, companyOf({ p1: 'ada', p2: 'ada' })],
    ['is not taken by a user who is renamed', {}, companyOf({ p1: 'ada', p3: 'ada' })],
    [
      'is not taken from a leaver whose account is kept',
      { spec: targetSpec({ action: 'keep' }) },
      companyOf({ p2: 'ada', p3: 'bob' }),
    ],
  ])('%s, and the note names the key of the holder', async (_, options, after) => {
    using fixture = createPassFixture(options);
    await fixture.pass(companyOf({ p1: 'ada', p3: 'bob' }));
    expect(await fixture.pass(after)).toEqual(after.people.has('p3') ? [] : expect.any(Array));
    expect(await fixture.notes()).toEqual([expect.stringMatching(/"ada".*\bp1\b/)]);
    expect(fixture.report().reports.map(({ problems }) => problems)).toEqual([1]);
  });

  test('a user whose new name is not released keeps the old one, and so does the next in the chain', async () => {
    using fixture = createPassFixture();
    await fixture.pass(companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd' }));
    // p3 needs the name bob, p2 needs the name ada, and ada keeps it.
    expect(await fixture.pass(companyOf({ p1: 'ada', p2: 'ada', p3: 'bob' }))).toEqual([]);
    expect(await fixture.notes()).toHaveLength(2);
  });
});

test('renames are planned in waves: each after the holder of the name', async () => {
  using fixture = createPassFixture();
  await fixture.pass(companyOf({ p1: 'ada', p2: 'bob', p3: 'cyd' }));
  const planned = await fixture.planned(companyOf({ p1: 'bob', p2: 'cyd', p3: 'dan' }));
  expect(planned.map(({ operation: { key }, phase, wave }) => ({ key, phase, wave }))).toEqual([
    { key: 'p3', phase: phases.updateUsers, wave: 0 },
    { key: 'p2', phase: phases.updateUsers, wave: 1 },
    { key: 'p1', phase: phases.updateUsers, wave: 2 },
  ]);
});

test('the temporary name is released before the phase in which names are taken', async () => {
  using fixture = createPassFixture();
  await fixture.pass(companyOf({ p1: 'ada', p2: 'bob', p4: 'dan' }));
  const planned = await fixture.planned(companyOf({ p1: 'bob', p2: 'ada', p3: 'dan' }));
  expect(planned.map(({ operation: { action, key }, phase }) => ({ action, key, phase }))).toEqual([
    { action: 'deactivate', key: 'p4', phase: phases.deactivate },
    { action: 'update', key: 'p4', phase: phases.releaseNames },
    { action: 'update', key: 'p1', phase: phases.breakRenameCycles },
    { action: 'update', key: 'p2', phase: phases.updateUsers },
    { action: 'update', key: 'p1', phase: phases.updateUsers },
    { action: 'create', key: 'p3', phase: phases.createUsers },
  ]);
});

test('a user with another change is not affected', async () => {
  using fixture = createPassFixture();
  await fixture.pass(companyOf({ p1: 'ada', p2: 'bob' }));
  const planned = await fixture.planned(companyOf({ p1: person('ada', { department: 'it' }), p2: 'bob' }));
  expect(planned.map(({ operation: { key }, isRenaming, wave }) => ({ key, isRenaming, wave }))).toEqual([
    { key: 'p1', isRenaming: false, wave: 0 },
  ]);
});
