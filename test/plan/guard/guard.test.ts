import { describe, expect, test } from '@jest/globals';
import type { ChangeCount, ChangeKind, Known, Limit, LimitName, Verdict } from '../../../src/model/plan.ts';
import {
  describeLimit,
  effectiveFloor,
  exceeds,
  guard,
  heldInPass,
  kindsToCount,
  withViolations,
  type GuardInput,
  type JudgedRound,
} from '../../../src/plan/guard/guard.ts';
import type { FloorRule } from '../../../src/plan/guard/rules.ts';
import { count, limitsOf, removalLimits, share } from '../../world/limits.ts';

type Changes = Partial<Record<Exclude<ChangeKind, 'attributeChanged'>, number>> & {
  readonly attributes?: Readonly<Record<string, number>>;
};

const changesOf = ({ attributes = {}, ...kinds }: Changes): readonly ChangeCount[] => [
  ...Object.entries(kinds).map(([kind, number]) => ({ kind: kind as ChangeKind, count: number })),
  ...Object.entries(attributes).map(([subject, number]) => ({
    kind: 'attributeChanged' as const,
    subject,
    count: number,
  })),
];

/** The default limits of the configuration. */
const defaults: Readonly<Record<LimitName, Limit>> = {
  ...removalLimits(share(0.05)),
  maxCreates: share(0.3),
  maxReactivations: share(0.1),
  maxRenames: share(0.1),
  maxAttributeChanges: share(0.5),
  maxMembershipAdditions: share(0.5),
  maxGroupRenames: share(0.1),
};

const known: Known = { users: 1200, activeUsers: 1000, groups: 100, memberships: 5000 };
/** A target with this number of people, each in two groups. */
const small = (users: number): Known => ({ users, activeUsers: users, groups: users, memberships: 2 * users });

const withDeactivated = (users: number, deactivated: number): Known => ({
  ...small(users),
  users: users + deactivated,
});

type More = Partial<Omit<GuardInput, 'changes' | 'recent' | 'limits'>> & {
  readonly recent?: Changes;
  readonly limits?: Partial<Record<LimitName, Limit>>;
};

function judge(changes: Changes, { recent = {}, limits = {}, ...more }: More = {}): Verdict {
  return guard({
    target: 'app',
    known,
    changes: changesOf(changes),
    recent: changesOf(recent),
    windowMs: { removals: 86_400_000, others: 3_600_000 },
    limits: limitsOf({ ...defaults, ...limits }),
    isFirstLoad: false,
    ...more,
  });
}

const kindsOf = (verdict: Verdict): string =>
  verdict.kind === 'allow' ? 'allow' : verdict.violations.map(({ kind, subject }) => subject ?? kind).join('+');

describe('a plan is held', () => {
  test.each<[string, Changes, string, More?]>([
    ['no changes', {}, 'allow'],
    ['people: exactly the share of the active ones', { usersRemoved: 50 }, 'allow'],
    ['people: one above the share', { usersRemoved: 51 }, 'usersRemoved'],
    ['a share of 0', { usersRemoved: 11 }, 'usersRemoved', { limits: { maxRemovals: share(0) } }],
    ['a share of 100 %', { usersRemoved: 1000 }, 'allow', { limits: { maxRemovals: share(1) } }],
    ['exactly the count', { usersRemoved: 5 }, 'allow', { limits: { maxRemovals: count(5) } }],
    [
      'one above the count, below the floor',
      { usersRemoved: 6 },
      'usersRemoved',
      { limits: { maxRemovals: count(5) } },
    ],
    ['a count of 0', { usersRemoved: 1 }, 'usersRemoved', { limits: { maxRemovals: count(0) } }],
    ['a floor of its own', { usersRemoved: 53 }, 'allow', { limits: { maxRemovals: share(0.05, 53) } }],
    ['no removal, with a count of 0', { usersRenamed: 1 }, 'allow', { limits: { maxRemovals: count(0) } }],
    ['groups by their own number', { groupsRemoved: 11 }, 'groupsRemoved'],
    ['groups at the floor', { groupsRemoved: 10 }, 'allow'],
    ['memberships at their share', { membershipsRemoved: 250 }, 'allow'],
    ['memberships above it', { membershipsRemoved: 251 }, 'membershipsRemoved'],
    ['one group of 251', { groupsRemoved: 1, membershipsRemoved: 251 }, 'membershipsRemoved'],
    ['missing accounts at the share', { usersMissing: 50 }, 'allow'],
    ['missing accounts above the share', { usersMissing: 51 }, 'usersMissing'],
    ['missing accounts and removals at the share', { usersMissing: 25, usersRemoved: 25 }, 'allow'],
    ['missing and removed above the share', { usersMissing: 25, usersRemoved: 26 }, 'usersRemoved+usersMissing'],
    ['missing groups by their own number', { groupsMissing: 11 }, 'groupsMissing'],
    ['missing and removed groups', { groupsMissing: 6, groupsRemoved: 5 }, 'groupsRemoved+groupsMissing'],
    ['creates at their share of all accounts', { usersCreated: 360 }, 'allow'],
    ['creates above it', { usersCreated: 361 }, 'usersCreated'],
    ['reactivations at their share of the deactivated accounts', { usersReactivated: 20 }, 'allow'],
    ['reactivations above it', { usersReactivated: 21 }, 'usersReactivated'],
    ['reactivations of two of three', { usersReactivated: 2 }, 'usersReactivated', { known: withDeactivated(60, 3) }],
    ['the only deactivated account', { usersReactivated: 1 }, 'allow', { known: withDeactivated(60, 1) }],
    ['all deactivated accounts', { usersReactivated: 10 }, 'usersReactivated', { known: withDeactivated(60, 10) }],
    [
      'those that came back within the window',
      { usersReactivated: 5 },
      'usersReactivated',
      { known: withDeactivated(60, 5), recent: { usersReactivated: 10 } },
    ],
    ['renames at their share', { usersRenamed: 100 }, 'allow'],
    ['renames above it', { usersRenamed: 101 }, 'usersRenamed'],
    ['one attribute of ten of ten', { attributes: { title: 10 } }, 'title', { known: small(10) }],
    ['one attribute for half of the people', { attributes: { title: 500 } }, 'allow'],
    ['one attribute for more', { attributes: { title: 501, department: 500 } }, 'title'],
    ['two attributes', { attributes: { title: 900, department: 800 } }, 'title+department'],
    ['additions at their share', { membershipsAdded: 2500 }, 'allow'],
    ['additions above it', { membershipsAdded: 2501 }, 'membershipsAdded'],
    ['additions to new groups at their share', { newGroupMemberships: 2500 }, 'allow'],
    ['additions to new groups above it', { newGroupMemberships: 2501 }, 'newGroupMemberships'],
    ['a new group of all people', { newGroupMemberships: 60 }, 'allow', { known: { ...small(60), memberships: 60 } }],
    [
      'all people in a group that existed',
      { membershipsAdded: 51 },
      'membershipsAdded',
      { known: { ...small(60), memberships: 71 } },
    ],
    [
      'a group that existed and fills up',
      { membershipsAdded: 50 },
      'allow',
      { known: { ...small(60), memberships: 1 } },
    ],
    ['renamed groups at the floor', { groupsRenamed: 10 }, 'allow'],
    ['renamed groups above it', { groupsRenamed: 11 }, 'groupsRenamed'],
    [
      'each below its own limit',
      { usersRemoved: 50, membershipsRemoved: 250, usersCreated: 300, usersRenamed: 100, attributes: { title: 500 } },
      'allow',
    ],
    ['two kinds', { usersRemoved: 51, usersRenamed: 101 }, 'usersRemoved+usersRenamed'],
    ['removals where nothing is known', { usersRemoved: 11 }, 'usersRemoved', { known: small(0) }],
  ])('%s', (_, changes, expected, more = {}) => {
    expect(kindsOf(judge(changes, more))).toBe(expected);
  });
});

describe('a floor lets at most half of a target through', () => {
  test.each<[number, number, string]>([
    // people removed, of how many
    [1, 1, 'allow'],
    [1, 2, 'allow'],
    [2, 2, 'usersRemoved'],
    [1, 3, 'allow'],
    [2, 3, 'usersRemoved'],
    [2, 5, 'allow'],
    [3, 5, 'usersRemoved'],
    [5, 10, 'allow'],
    [6, 10, 'usersRemoved'],
    [10, 10, 'usersRemoved'],
    [10, 20, 'allow'],
    [11, 20, 'usersRemoved'],
    [10, 100, 'allow'],
    [11, 100, 'usersRemoved'],
  ])('%d of %d people', (removed, people, expected) => {
    expect(kindsOf(judge({ usersRemoved: removed }, { known: small(people) }))).toBe(expected);
  });

  test.each([
    [5, 9, 'allow'],
    [6, 9, 'usersCreated'],
    [5, 10, 'allow'],
    [6, 10, 'usersCreated'],
    [10, 10, 'usersCreated'],
    [8, 16, 'allow'],
    [9, 16, 'usersCreated'],
    [10, 30, 'allow'],
    [11, 30, 'usersCreated'],
  ])('%d people created at a target of %d', (created, people, expected) => {
    expect(kindsOf(judge({ usersCreated: created }, { known: small(people) }))).toBe(expected);
  });

  test.each<[string, Changes, string]>([
    ['three of three groups', { groupsRemoved: 3 }, 'groupsRemoved'],
    ['the only group with all of its members', { groupsRemoved: 1, membershipsRemoved: 6 }, 'membershipsRemoved'],
    ['an attribute of a small team', { attributes: { title: 3 } }, 'allow'],
    ['all names', { usersRenamed: 3 }, 'usersRenamed'],
    ['all group names', { groupsRenamed: 3 }, 'groupsRenamed'],
    ['two names that are exchanged', { groupsRenamed: 2, usersRenamed: 2 }, 'allow'],
    ['a small target may grow by five people', { usersCreated: 5 }, 'allow'],
    ['and not by more', { usersCreated: 6 }, 'usersCreated'],
    ['new groups get members up to the floor', { newGroupMemberships: 10 }, 'allow'],
    ['and not more', { newGroupMemberships: 11 }, 'newGroupMemberships'],
    ['groups that exist may grow by the floor', { membershipsAdded: 10 }, 'allow'],
    ['and not by more', { membershipsAdded: 11 }, 'membershipsAdded'],
  ])('%s', (_, changes, expected) => {
    expect(kindsOf(judge(changes, { known: small(3) }))).toBe(expected);
  });

  test.each<[number, number, number, FloorRule]>([
    [1000, 10, 10, 'half'],
    [19, 10, 9, 'half'],
    [3, 10, 1, 'half'],
    [1, 10, 1, 'half'],
    [0, 10, 1, 'half'],
    [3, 0, 0, 'half'],
    [2, 10, 2, 'halfOrPair'],
    [8, 10, 4, 'halfOrPair'],
    [3, 10, 5, 'halfOrFive'],
    [12, 10, 6, 'halfOrFive'],
    [3, 10, 10, 'plain'],
    [3, 10, 40, 'onePerPerson'],
    [3, 50, 50, 'onePerPerson'],
    [3, 10, 40, 'perPersonToFifty'],
    [3, 60, 60, 'perPersonToFifty'],
  ])('of %d, a floor of %d is %d (%s)', (of, floor, expected, rule) => {
    expect(effectiveFloor(floor, rule, of, 40)).toBe(expected);
  });
});

test.each([5, 8, 12, 20, 30, 50, 100, 300, 1000, 10_000, 100_000])('an ordinary day passes at %d people', (people) => {
  const day = (percent: number): number => Math.ceil((percent * people) / 100);
  const changes: Changes = {
    usersRemoved: day(1),
    usersCreated: day(2),
    usersReactivated: day(0.5),
    usersRenamed: day(1),
    membershipsRemoved: 2 * day(2),
    membershipsAdded: 2 * day(3),
    attributes: { title: day(10), department: day(10) },
  };
  const known = withDeactivated(people, day(20));
  expect(judge(changes, { known })).toEqual({ kind: 'allow' });
  // In 96 passes of a day, the last one counts the others.
  const { attributes = {}, ...kinds } = changes;
  const before = Object.fromEntries(Object.entries(kinds).map(([kind, number]) => [kind, number - 1]));
  const lastPass: Changes = {
    ...Object.fromEntries(Object.keys(kinds).map((kind) => [kind, 1])),
    attributes: { title: 1 },
  };
  const recent = { ...before, attributes: { title: (attributes['title'] ?? 1) - 1 } };
  expect(judge(lastPass, { known, recent })).toEqual({ kind: 'allow' });
});

describe('the first load', () => {
  const load: Changes = {
    usersCreated: 1050,
    membershipsAdded: 4000,
    usersReactivated: 50,
    attributes: { title: 900 },
  };
  test.each<[string, Changes, string, More]>([
    ['of an empty target needs no approval', load, 'allow', { isFirstLoad: true, known: small(0) }],
    ['may be continued', load, 'allow', { isFirstLoad: true, known: small(400) }],
    ['is over', load, 'usersCreated+usersReactivated+title+membershipsAdded', { known: withDeactivated(400, 60) }],
    ['begins where the target lost all', { usersCreated: 1050 }, 'allow', { known: small(0) }],
    [
      'of groups begins where there are no memberships',
      { membershipsAdded: 4000 },
      'allow',
      { known: { ...small(100), groups: 0, memberships: 0 } },
    ],
    [
      'of groups goes on within the window',
      { membershipsAdded: 1 },
      'allow',
      { known: { ...small(100), memberships: 4000 }, recent: { membershipsAdded: 4000 } },
    ],
    ['knows a part of the target', { usersRemoved: 2 }, 'allow', { isFirstLoad: true, known: small(2) }],
    [
      'limits removals and renames',
      { usersRemoved: 300, usersRenamed: 200 },
      'usersRemoved+usersRenamed',
      { isFirstLoad: true, known: small(400) },
    ],
  ])('%s', (_, changes, expected, more) => {
    expect(kindsOf(judge(changes, more))).toBe(expected);
  });
});

test('a hold gives the numbers, the limit and the command', () => {
  const verdict = judge(
    {
      ...{ usersRemoved: 120, groupsRemoved: 3, membershipsRemoved: 400, usersCreated: 700, usersReactivated: 200 },
      ...{ usersRenamed: 150, membershipsAdded: 3000, groupsRenamed: 12, attributes: { title: 600 } },
    },
    { limits: { maxRenames: count(100) } },
  );
  const byPlan =
    'If that is right, let it through with the plan\'s id: "scimsync plan --target app", then ' +
    '"scimsync sync --target app --plan ID".';
  const byNumber = 'If that is right, let it through with "scimsync sync --target app --allow-removals 520".';
  const merged = '3 groups left the source: merged, renamed or lost?';
  expect(verdict).toEqual({
    kind: 'hold',
    parts: ['removals', 'creates', 'reactivations', 'renames', 'attributes', 'memberships', 'groupRenames'],
    removals: 520,
    renames: 150,
    violations: expect.any(Array),
    reasons: [
      `app: would deactivate or delete 120 of 1000 people; the limit is 5 % above 10. ${byNumber}`,
      `app: would end 400 of 5000 memberships; the limit is 5 % above 10. ${merged} ${byNumber}`,
      `app: would create 700 people at a target that holds 1200; the limit is 30 % above 10. ${byPlan}`,
      `app: would reactivate 200 of 200 deactivated people; the limit is 10 % above 10. ${byPlan}`,
      `app: would change userName or e-mail of 150 of 1000 people; the limit is 100. ${byPlan}`,
      `app: would change title of 600 of 1000 people; the limit is 50 % above 10. ${byPlan}`,
      `app: would add 3000 memberships at a target that holds 5000; the limit is 50 % above 50. ${byPlan}`,
      `app: would rename 12 of 100 groups; the limit is 10 % above 10. ${byPlan}`,
    ],
  });
  expect(verdict.kind === 'hold' ? verdict.violations.slice(0, 2) : []).toEqual([
    { code: 'guard.userRemovals', kind: 'usersRemoved', planned: 120, count: 120, known: 1000, limit: share(0.05) },
    {
      ...{ code: 'guard.membershipRemovals', kind: 'membershipsRemoved' },
      ...{ planned: 400, count: 400, known: 5000, limit: share(0.05) },
    },
  ]);
});

test.each<[number, number, Limit, boolean]>([
  [10, 100, share(0.1), false],
  [11, 100, share(0.1), true],
  [10, 0, share(0.1), false],
  [11, 0, share(0.1), true],
  [0, 100, count(0), false],
  [1, 100, count(0), true],
])('%d of %d against %j: exceeds %s', (number, of, limit, expected) => {
  expect(exceeds(number, of, limit)).toBe(expected);
});

test.each<[Limit, string]>([
  [count(50), '50'],
  [share(0.05), '5 % above 10'],
  [share(0.125, 3), '12.5 % above 3'],
  [share(1 / 3), '33.3 % above 10'],
])('%j in words', (limit, words) => {
  expect(describeLimit(limit)).toBe(words);
});

describe('passes that come one after the other', () => {
  test.each<[string, Changes, Changes, string]>([
    ['alone', { usersRemoved: 50 }, {}, 'allow'],
    // 1000 active people now, and 49 or 60 more when the window began.
    ['together at the limit', { usersRemoved: 3 }, { usersRemoved: 49 }, 'allow'],
    ['together above it', { usersRemoved: 4 }, { usersRemoved: 49 }, 'usersRemoved'],
    ['nothing to remove any more', {}, { usersRemoved: 500 }, 'allow'],
    ['of another kind', { usersRemoved: 1 }, { membershipsRemoved: 500 }, 'allow'],
    ['with accounts that were missing', { usersRemoved: 4 }, { usersMissing: 49 }, 'usersRemoved'],
    ['creates of a target that held 1000', { usersCreated: 101 }, { usersCreated: 200 }, 'usersCreated'],
    ['one attribute', { attributes: { title: 2 } }, { attributes: { title: 499, department: 900 } }, 'title'],
    ['another attribute', { attributes: { title: 2 } }, { attributes: { department: 900 } }, 'allow'],
  ])('%s', (_, changes, recent, expected) => {
    expect(kindsOf(judge(changes, { recent }))).toBe(expected);
  });

  test('have numbers of their own in the reason', () => {
    const verdict = judge({ usersRemoved: 10 }, { recent: { usersRemoved: 48 } });
    expect(verdict.kind === 'hold' ? verdict.reasons : []).toEqual([
      'app: would deactivate or delete 10 of 1048 people, after 48 within 24 h; the limit is 5 % above 10. ' +
        'If that is right, let it through with "scimsync sync --target app --allow-removals 10".',
    ]);
  });

  test('need only the kinds that the plan has, and those that count together with them', () => {
    const kinds = kindsToCount(changesOf({ usersRemoved: 1, usersCreated: 1 }), false);
    expect([...kinds].sort()).toEqual(['usersCreated', 'usersMissing', 'usersRemoved']);
  });

  test('are not those that are free in a first load', () => {
    const kinds = kindsToCount(changesOf({ usersRemoved: 1, usersCreated: 1, membershipsAdded: 1 }), true);
    expect([...kinds]).toEqual(['usersRemoved', 'usersMissing']);
  });
});

describe('the rounds of one pass count as one plan', () => {
  interface Round extends JudgedRound {
    readonly changes: readonly ChangeCount[];
  }
  const round = (changes: Changes, verdict: Verdict = { kind: 'allow' }): Round => ({
    changes: changesOf(changes),
    verdict,
  });
  const held = (changes: Changes): Round => round(changes, judge(changes));
  const after = (...earlier: readonly Round[]): More => ({
    earlier,
    earlierChanges: earlier.flatMap(({ changes }) => changes),
  });

  test.each<[string, Changes, readonly Round[], string]>([
    ['removals at the limit together', { usersRemoved: 20 }, [round({ usersRemoved: 30 })], 'allow'],
    ['removals above the limit together', { usersRemoved: 21 }, [round({ usersRemoved: 30 })], 'usersRemoved'],
    [
      'removals over three rounds',
      { usersRemoved: 1 },
      [round({ usersRemoved: 30 }), round({ usersRemoved: 20 })],
      'usersRemoved',
    ],
    ['removals of another kind', { membershipsRemoved: 29 }, [round({ usersRemoved: 50 })], 'allow'],
    ['a round without removals', {}, [held({ usersRemoved: 51 })], 'allow'],
    ['one removal after a held round', { usersRemoved: 1 }, [held({ usersRemoved: 51 })], 'usersRemoved'],
    ['renames above the limit together', { usersRenamed: 41 }, [round({ usersRenamed: 60 })], 'usersRenamed'],
  ])('%s', (_, changes, earlier, expected) => {
    expect(kindsOf(judge(changes, after(...earlier)))).toBe(expected);
  });

  test.each<[string, Changes, Changes, string]>([
    ['no change', {}, { usersRemoved: 51 }, 'usersRemoved'],
    ['removals down to the limit', { usersRemoved: 1 }, { usersRemoved: 51 }, 'allow'],
    ['removals of missing accounts', { usersMissing: 11 }, { usersRemoved: 50, usersMissing: 11 }, 'allow'],
    ['another attribute', { attributes: { title: 501 } }, { attributes: { nickName: 501 } }, 'nickName'],
    ['the attribute', { attributes: { title: 501 } }, { attributes: { title: 501 } }, 'allow'],
    ['more than the round', { usersRemoved: 99 }, { usersRemoved: 51 }, 'allow'],
  ])('an approval in an earlier round let through: %s', (_, approved, changes, expected) => {
    expect(kindsOf(judge(changes, { approvedChanges: changesOf(approved) }))).toBe(expected);
  });

  test('a hold states the earlier removals, and a number that also covers those that are still held', () => {
    const verdict = judge(
      { membershipsRemoved: 300, usersRenamed: 50 },
      {
        ...after(round({ membershipsRemoved: 3, usersRenamed: 60 }), held({ usersRemoved: 60 })),
        recent: { membershipsRemoved: 7 },
      },
    );
    expect(verdict).toMatchObject({
      removals: 360,
      renames: 50,
      violations: [
        { code: 'guard.membershipRemovals', planned: 300, count: 310, known: 5007 },
        { code: 'guard.renames', planned: 50, count: 110, known: 1000 },
      ],
      reasons: [
        'app: would end 300 of 5007 memberships, after 3 earlier in this pass and 7 within 24 h; ' +
          'the limit is 5 % above 10. ' +
          'If that is right, let it through with "scimsync sync --target app --allow-removals 360".',
        'app: would change userName or e-mail of 50 of 1000 people, after 60 earlier in this pass; ' +
          "the limit is 10 % above 10. If that is right, let it through with the plan's id: " +
          '"scimsync plan --target app", then "scimsync sync --target app --plan ID".',
      ],
    });
  });

  test('the hold of a pass joins those of its rounds', () => {
    const first = judge({ usersRemoved: 60 });
    const second = judge({ usersRemoved: 2, usersRenamed: 101 }, after(round({ usersRemoved: 60 }, first)));
    if (first.kind === 'allow' || second.kind === 'allow') throw new Error('both rounds are held');
    expect(heldInPass([round({}), round({})])).toBeNull();
    expect(heldInPass([round({}), round({}, first)])).toEqual(first);
    expect(heldInPass([round({}, first), round({}, second)])).toEqual({
      kind: 'hold',
      parts: ['removals', 'renames'],
      violations: [...first.violations, ...second.violations],
      reasons: [...first.reasons, ...second.reasons],
      removals: 62,
      renames: 101,
    });
  });
});

test('an approval of the removals leaves the other violations', () => {
  const verdict = judge({ usersRemoved: 60, usersRenamed: 101 });
  if (verdict.kind === 'allow') throw new Error('the plan is held');
  expect(withViolations(verdict, ({ kind }) => kind === 'usersRenamed')).toMatchObject({
    parts: ['renames'],
    violations: [{ code: 'guard.renames' }],
    reasons: [expect.stringContaining('101 of 1000 people')],
    removals: 0,
    renames: 101,
  });
  expect(withViolations(verdict, () => false)).toEqual({ kind: 'allow' });
  expect(withViolations(verdict, () => true)).toEqual(verdict);
});

test('missing accounts are held with their number, the limit and the likely cause', () => {
  const verdict = judge(
    { usersMissing: 40, usersRemoved: 2 },
    {
      known: small(53),
      recent: { usersRemoved: 3, usersMissing: 4 },
      limits: { maxRemovals: share(0.1, 5) },
    },
  );
  expect(verdict).toMatchObject({
    kind: 'hold',
    parts: ['removals', 'recreations'],
    violations: [
      { code: 'guard.userRemovals', count: 49, known: 60 },
      { code: 'guard.recreations', count: 49, known: 60 },
    ],
    removals: 42,
  });
  expect(verdict.kind === 'hold' ? verdict.reasons : []).toEqual([
    'app: would deactivate or delete 2 of 60 people, after 7 within 24 h, while 40 more are missing at the target; ' +
      'the limit is 10 % above 5. ' +
      'If that is right, let it through with "scimsync sync --target app --allow-removals 42".',
    'app: 40 of 60 people are missing at the target and would be created again, after 7 within 24 h, ' +
      'together with 2 removals; the limit is 10 % above 5. ' +
      'The URL, the tenant or a backup may be wrong: look at the target first. ' +
      'If the accounts are to be created again, let it through with ' +
      '"scimsync sync --target app --allow-removals 42".',
  ]);
});
