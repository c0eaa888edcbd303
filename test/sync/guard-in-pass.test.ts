import { describe, expect, test } from '@jest/globals';
import type { Approval, Limit } from '../../src/model/plan.ts';
import { IncompleteReading } from '../../src/model/errors.ts';
import { instant } from '../../src/model/ids.ts';
import { windowStart } from '../../src/sync/guard/judge-round.ts';
import type { SyncOptions } from '../../src/sync/pass.ts';
import { count, limitsOf, removalLimits, share } from '../world/limits.ts';
import { targetSpec } from './company.ts';
import { companyOf, createPassFixture, person, type PassFixture } from './pass-fixture.ts';

const hour = 3_600_000;
const keys = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const groupMembers = ['p1', 'p2', 'p3', 'p4'];

/** Six users, and a group of four of them. */
const company = (users: readonly string[], members: readonly string[] = groupMembers, department = '') =>
  companyOf(Object.fromEntries(users.map((key) => [key, person(`${key}${department}`, { department })])), {
    g: { name: 'all', members },
  });

async function loaded(windowMs = 0): Promise<PassFixture> {
  const spec = targetSpec({});
  const fixture = createPassFixture({
    spec: {
      ...spec,
      guard: limitsOf({ ...removalLimits(count(1)), maxRenames: count(1) }, windowMs),
    },
  });
  await fixture.pass(company(keys));
  return fixture;
}

const heldOf = ({ report }: PassFixture) => report().reports[0]?.held ?? null;

describe('a plan that the guard holds', () => {
  test.each<[string, Approval, readonly string[], boolean]>([
    ['one that removes more than the limit', {}, ['update User p1', 'create User p7'], true],
    [
      'the same, approved by number',
      { removals: 2 },
      ['deactivate User p5', 'deactivate User p6', 'update User p1', 'create User p7'],
      false,
    ],
    ['the same, approved by one too few', { removals: 1 }, ['update User p1', 'create User p7'], true],
    [
      'the same, approved by its id',
      { plan: 'id' },
      ['deactivate User p5', 'deactivate User p6', 'update User p1', 'create User p7'],
      false,
    ],
  ])('%s: everything else goes on', async (_, approval, received, isHeld) => {
    using fixture = await loaded();
    const { people, groups } = company(['p1', 'p2', 'p3', 'p4']);
    const after = companyOf(
      { ...Object.fromEntries(people), p1: person('p1', { department: 'it' }), p7: 'gus' },
      Object.fromEntries(groups),
    );
    expect(await fixture.pass(after, { approval })).toEqual(received);
    expect(heldOf(fixture) !== null).toBe(isHeld);
    expect(heldOf(fixture)?.removals ?? 2).toBe(2);
    // Each pass plans the held operations again.
    expect(await fixture.pass(after)).toEqual([]);
    expect(heldOf(fixture) !== null).toBe(isHeld);
  });

  test('removals of memberships are held, additions are sent', async () => {
    using fixture = await loaded();
    expect(await fixture.pass(company(keys, ['p3', 'p4', 'p5']))).toEqual(['members Group g']);
    const [group] = fixture.target.accounts.Group.values();
    expect(group?.members.size).toBe(5);
    expect(heldOf(fixture)).toMatchObject({ parts: ['removals'], removals: 2 });
    await fixture.pass(company(keys, ['p3', 'p4', 'p5']), { approval: { removals: 2 } });
    expect(group?.members.size).toBe(3);
  });

  test('memberships of leavers are not counted in addition to the leavers', async () => {
    using fixture = await loaded();
    const inThreeGroups = (users: readonly string[]) =>
      companyOf(
        Object.fromEntries(users.map((key) => [key, key])),
        Object.fromEntries(['g', 'h', 'i'].map((key) => [key, { name: key, members: users }])),
      );
    await fixture.pass(inThreeGroups(keys));
    const received = await fixture.pass(inThreeGroups(keys.slice(1)));
    expect(received[0]).toBe('deactivate User p1');
    expect(received).toHaveLength(4);
    expect(heldOf(fixture)).toBeNull();
  });

  test('renames are held, changes of other attributes are sent', async () => {
    using fixture = await loaded();
    const renamed = company(keys, groupMembers, 'x');
    expect(await fixture.pass(renamed)).toEqual([]);
    expect(heldOf(fixture)).toMatchObject({ parts: ['renames'], renames: 6, removals: 0 });
    expect((await fixture.pass(renamed, { approval: { plan: 'id' } })).length).toBe(6);
  });
});

test('users whose rename is held join no group, and leave groups', async () => {
  using fixture = await loaded();
  const [group] = fixture.target.accounts.Group.values();
  // p1 leaves the group, p5 joins it, and p7 is new in it.
  const renamed = company(keys, ['p2', 'p3', 'p4', 'p5', 'p7'], 'x');
  const after = companyOf({ ...Object.fromEntries(renamed.people), p7: 'gus' }, Object.fromEntries(renamed.groups));
  const received = await fixture.pass(after);
  expect(received.filter((one) => !one.startsWith('members'))).toEqual(['create User p7']);
  expect(heldOf(fixture)).toMatchObject({ parts: ['renames'], renames: 6 });
  expect(group?.members.size).toBe(4);
  await fixture.pass(after);
  expect(group?.members.size).toBe(4);
  await fixture.pass(after, { approval: { plan: 'id' } });
  expect(group?.members.size).toBe(5);
});

describe('the accounts that a first load adopts', () => {
  const withAccounts = (names: readonly string[], maxRenames: Limit): PassFixture => {
    const spec = { ...targetSpec({}), guard: limitsOf({ maxRenames }) };
    const fixture = createPassFixture({ spec });
    for (const [index, userName] of names.entries())
      fixture.target.addAccount('User', { userName, externalId: `p${index + 1}` });
    return fixture;
  };

  test.each<[string, readonly string[], number, number, Limit?]>([
    // names at the target, renames that are held, members of the group after the first pass
    ['six of six have other names', ['a', 'b', 'c', 'd', 'e', 'f'], 6, 0],
    ['two of six have other names', ['a', 'b', 'p3', 'p4', 'p5', 'p6'], 0, 4],
    ['four of six have other names', ['a', 'b', 'c', 'd', 'p5', 'p6'], 4, 0],
    ['one of six, and the limit is zero', ['a', 'p2', 'p3', 'p4', 'p5', 'p6'], 1, 3, count(0)],
    ['names differ in case only', ['P1', 'P2', 'P3', 'P4', 'P5', 'P6'], 0, 4],
    ['there are none', [], 0, 4],
  ])('%s', async (_, names, held, members, limit = share(0.1)) => {
    using fixture = withAccounts(names, limit);
    const first = company(keys);
    await fixture.pass(first);
    const [group] = fixture.target.accounts.Group.values();
    expect(heldOf(fixture)?.renames ?? 0).toBe(held);
    expect(group?.members.size).toBe(members);
    expect(fixture.target.accounts.User.size).toBe(6);
    // Each addition counts in one round.
    expect(fixture.report().reports[0]?.counts.addMembers).toBe(groupMembers.length);
    expect(fixture.report().reports[0]?.skipped).toBe(0);
    await fixture.pass(first);
    expect(group?.members.size).toBe(members);
    await fixture.pass(first, { approval: { plan: 'id' } });
    expect(group?.members.size).toBe(4);
    expect(await fixture.pass(first)).toEqual([]);
  });
});

test('inactive accounts of other people are not activated by a first load', async () => {
  const spec = { ...targetSpec({}), guard: limitsOf({ maxRenames: share(0.1) }) };
  using fixture = createPassFixture({ spec });
  for (const key of keys)
    fixture.target.addAccount('User', { userName: `other-${key}`, externalId: key, active: false });
  await fixture.pass(company(keys));
  expect(heldOf(fixture)).toMatchObject({ parts: ['renames'], renames: 6 });
  const accounts = [...fixture.target.accounts.User.values()];
  expect(accounts.filter(({ body }) => body['active'] !== false)).toEqual([]);
  expect([...fixture.target.accounts.Group.values()].map(({ members }) => members.size)).toEqual([0]);
  await fixture.pass(company(keys), { approval: { plan: 'id' } });
  expect(accounts.filter(({ body }) => body['active'] === true)).toHaveLength(6);
});

describe('a group of a column that vanishes while its members join a new one', () => {
  const twenty = Array.from({ length: 20 }, (_, index) => `p${index + 1}`);
  const groupsOf = (names: Readonly<Record<string, readonly string[]>>) =>
    companyOf(
      Object.fromEntries(twenty.map((key) => [key, key])),
      Object.fromEntries(Object.entries(names).map(([name, members]) => [name, { name, members }])),
    );
  const before = { all: twenty, hr: twenty.slice(0, 10), it: twenty.slice(10, 15), law: twenty.slice(15) };
  const { hr, it, law } = before;
  const limits = { ...removalLimits(share(0.05, 2)), maxMembershipAdditions: count(1_000) };

  test.each<[string, Readonly<Record<string, readonly string[]>>, readonly string[]]>([
    ['is replaced', { all: twenty, people: hr, it, law }, []],
    ['is replaced, and one member joins no new group', { all: twenty, people: hr.slice(1), it, law }, []],
    [
      'is not replaced if two members join no new group',
      { all: twenty, people: hr.slice(2), it, law },
      ['membershipsRemoved'],
    ],
    ['is not replaced by a group of all', { all: twenty, staff: twenty, it, law }, ['membershipsRemoved']],
    [
      'is not replaced by two groups',
      { all: twenty, a: hr.slice(4), b: hr.slice(0, 4), it, law },
      ['membershipsRemoved'],
    ],
    ['is not replaced by an old group', { all: twenty, it: [...hr, ...it], law }, ['membershipsRemoved']],
    ['vanishes alone', { all: twenty, it, law }, ['membershipsRemoved']],
    [
      'stays held if most groups vanish',
      { staff: twenty, people: hr, tech: it, legal: law },
      ['groupsRemoved', 'membershipsRemoved'],
    ],
  ])('%s', async (_, after, held) => {
    const spec = { ...targetSpec({ groups: 'empty' }), guard: limitsOf(limits, 24 * hour) };
    using fixture = createPassFixture({ spec });
    await fixture.pass(groupsOf(before));
    await fixture.pass(groupsOf(after));
    const violations = (heldOf(fixture)?.violations ?? []).map(({ kind }) => kind);
    expect(violations).toEqual(held);
    const accounts = [...fixture.target.accounts.Group.values()];
    const sizeOf = (name: string) => accounts.find(({ body }) => body['displayName'] === name)?.members.size;
    expect(sizeOf('hr')).toBe(held.length === 0 ? 0 : 10);
    // A replaced membership does not use up the limit of the window.
    if (held.length > 0) return;
    await fixture.pass(groupsOf({ ...after, it: it.slice(1) }));
    expect(heldOf(fixture)).toBeNull();
  });

  test('is not emptied while the members of the new group are held', async () => {
    const maxMembershipAdditions = count(5);
    const spec = { ...targetSpec({ groups: 'empty' }), guard: limitsOf({ ...limits, maxMembershipAdditions }) };
    using fixture = createPassFixture({ spec });
    await fixture.pass(groupsOf(before));
    await fixture.pass(groupsOf({ all: twenty, people: hr, it, law }));
    expect(heldOf(fixture)?.violations.map(({ kind }) => kind)).toEqual(['newGroupMemberships']);
    const group = [...fixture.target.accounts.Group.values()].find(({ body }) => body['displayName'] === 'hr');
    expect(group?.members.size).toBe(10);
  });
});

test('a number approves the removals of a round, and its renames stay held', async () => {
  using fixture = await loaded();
  const renamed = company(['p1', 'p2', 'p3', 'p4'], groupMembers, 'x');
  const received = await fixture.pass(renamed, { approval: { removals: 2 } });
  expect(received).toEqual(['deactivate User p5', 'deactivate User p6']);
  expect(heldOf(fixture)).toMatchObject({ parts: ['renames'], removals: 0, renames: 4 });
  const held = await fixture.planned(renamed);
  expect(held.map(({ state, operation }) => `${state} ${operation.action}`)).toEqual(Array(4).fill('held update'));
});

test('a single leaver goes on while the members of a vanished group are held', async () => {
  using fixture = await loaded();
  const spec = fixture.spec;
  fixture.spec = { ...spec, leavers: { ...spec.leavers, groups: 'empty' } };
  const { people } = company(['p1', 'p2', 'p3', 'p4', 'p5']);
  const received = await fixture.pass(companyOf(Object.fromEntries([...people].filter(([key]) => key !== 'p4'))), {
    approval: {},
  });
  // p4 and p6 left; the limit of 1 holds both. Then only p4 leaves.
  expect(received).toEqual([]);
  const one = companyOf({ ...Object.fromEntries(people), p6: person('p6') });
  await fixture.pass(companyOf(Object.fromEntries([...one.people].filter(([key]) => key !== 'p4'))));
  expect(heldOf(fixture)).toMatchObject({ violations: [{ kind: 'membershipsRemoved', planned: 3 }] });
  expect(fixture.target.operationLog.slice(-2)).toEqual(['deactivate User p4', 'members Group g']);
  const [group] = fixture.target.accounts.Group.values();
  expect(group?.members.size).toBe(3);
});

describe('how far the guard looks back', () => {
  const limits = (windowMs: number) => ({ guard: limitsOf({}, windowMs) });
  const at = instant;
  test.each<[string, number, number | undefined, number | undefined, { removals: number; others: number } | undefined]>(
    [
      // case, window, last complete reading, end of the first load
      ['by the window', 100, 950, 500, { removals: 900, others: 900 }],
      ['to the last complete reading, for removals', 100, 700, 500, { removals: 700, others: 900 }],
      ['to the end of the first load, for the rest', 100, 950, 940, { removals: 900, others: 941 }],
      ['without a reading', 100, undefined, undefined, { removals: 900, others: 900 }],
      ['not at all', 0, 700, 500, undefined],
    ],
  )('%s', (_, windowMs, completed, loadedAt, expected) => {
    const start = windowStart({
      spec: limits(windowMs),
      reading: completed === undefined ? undefined : { completed: at(completed) },
      loadedAt: loadedAt === undefined ? undefined : at(loadedAt),
      now: at(1000),
    });
    expect(start).toEqual(expected);
  });
});

describe('removals of earlier passes', () => {
  const approved: Partial<SyncOptions> = { approval: { removals: 1 } };
  const removals: readonly (readonly [string, number, Partial<SyncOptions>, number, boolean])[] = [
    // case, window, options of the second pass, time between them, whether the second is held
    ['count together within the window', hour, {}, 0, true],
    ['do not count after the window', hour, {}, hour, false],
    ['do not count without a window', 0, {}, 0, false],
    ['do not keep an approved pass from its own', hour, approved, 0, false],
  ];
  test.each(removals)('%s', async (_, windowMs, second, waitMs, isHeld) => {
    using fixture = await loaded(windowMs);
    expect(await fixture.pass(company(['p1', 'p2', 'p3', 'p4', 'p5']))).toEqual(['deactivate User p6']);
    fixture.wait(waitMs);
    expect(await fixture.pass(company(['p1', 'p2', 'p3', 'p4']), second)).toEqual(isHeld ? [] : ['deactivate User p5']);
    expect(heldOf(fixture) !== null).toBe(isHeld);
  });

  test('do not count where they were approved', async () => {
    using fixture = await loaded(hour);
    const approvedPass = await fixture.pass(company(['p1', 'p2', 'p3', 'p4']), { approval: { removals: 2 } });
    expect(approvedPass).toEqual(['deactivate User p5', 'deactivate User p6']);
    expect(await fixture.pass(company(['p1', 'p2', 'p3']))).toContain('deactivate User p4');
    expect(heldOf(fixture)).toBeNull();
  });
});

describe('a reading', () => {
  const sanity = {
    maxShrink: 0.3,
    maxBlank: 0.2,
    maxDangling: { kind: 'share' as const, share: 1, floor: 1000 },
    floor: 1,
  };
  const people = (count: number, department = 'it') =>
    companyOf(
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, person(`user${at}`, { department })])),
    );
  test.each<[string, ReturnType<typeof people>, boolean]>([
    ['that shrank by less than the limit', people(7), true],
    ['that shrank by more than the limit', people(6), false],
    ['in which an attribute became blank', people(10, ''), false],
  ])('%s is accepted: %#', async (_, next, isAccepted) => {
    using fixture = createPassFixture({ source: { sanity } });
    await fixture.pass(people(10));
    const pass = fixture.pass(next);
    if (isAccepted) {
      expect(await pass).not.toEqual([]);
      return;
    }
    await expect(pass).rejects.toThrow(IncompleteReading);
    expect(fixture.target.counters.requests).toBe(10);
    expect(await fixture.pass(next, { acceptSource: true })).not.toEqual([]);
  });

  test('without users is held, with any approval', async () => {
    using fixture = createPassFixture();
    await fixture.pass(people(3));
    expect(await fixture.pass(companyOf({}), { approval: { plan: 'id', removals: 1000 }, acceptSource: true })).toEqual(
      [],
    );
    expect(heldOf(fixture)).toMatchObject({ removals: 3 });
    expect(await fixture.pass(people(3))).toEqual([]);
  });
});
