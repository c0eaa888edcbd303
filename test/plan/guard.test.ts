import { describe, expect, test } from '@jest/globals';
import type { Approval, Limit, RecentRemovals, Totals, Verdict } from '../../src/model/plan.ts';
import { describeLimit, exceeds, guard, heldInPass, totalRemovals, type JudgedRound } from '../../src/plan/guard.ts';

const count = (number: number): Limit => ({ kind: 'count', count: number });
const share = (number: number): Limit => ({ kind: 'share', share: number });

interface Given {
  readonly users?: number;
  readonly groups?: number;
  readonly memberships?: number;
  readonly renames?: number;
  readonly known?: number;
  /** Users that are missing at the target. */
  readonly missing?: number;
  readonly missingGroups?: number;
}

function totals({
  users = 0,
  groups = 0,
  memberships = 0,
  renames = 0,
  known = 1000,
  missing = 0,
  missingGroups = 0,
}: Given): Totals {
  return {
    known: { users: known, groups: 100, memberships: 5000 },
    removals: { users, groups, memberships },
    recreations: { users: missing, groups: missingGroups },
    renames,
  };
}

interface Rules {
  readonly removals?: Limit;
  readonly renames?: Limit;
  readonly floor?: number;
  readonly approval?: Approval;
}

function judge(
  given: Given,
  { removals = share(0.05), renames = share(0.1), floor = 10, approval = {} }: Rules = {},
): Verdict {
  return guard({
    target: 'app',
    totals: totals(given),
    limits: { maxRemovals: removals, maxRenames: renames, floor },
    approval,
  });
}

const parts = (verdict: Verdict): string => (verdict.kind === 'allow' ? 'allow' : verdict.parts.join('+'));

describe('a plan is held', () => {
  test.each<[string, Given, string, Rules?]>([
    ['no removals', {}, 'allow'],
    ['exactly the share', { users: 50 }, 'allow'],
    ['one above the share', { users: 51 }, 'removals'],
    ['exactly the floor, far above the share', { users: 10, known: 20 }, 'allow'],
    ['one above the floor', { users: 11, known: 20 }, 'removals'],
    ['all of 3 users', { users: 3, known: 3 }, 'allow'],
    ['above the floor, with a floor of 0', { users: 1, known: 3 }, 'removals', { floor: 0 }],
    ['a share of 0', { users: 11 }, 'removals', { removals: share(0) }],
    ['a share of 100 %', { users: 1000 }, 'allow', { removals: share(1) }],
    ['exactly the count', { users: 5 }, 'allow', { removals: count(5) }],
    ['one above the count, below the floor', { users: 6 }, 'removals', { removals: count(5) }],
    ['a count of 0', { users: 1 }, 'removals', { removals: count(0) }],
    ['no removal, with a count of 0', { renames: 1 }, 'allow', { removals: count(0) }],
    ['groups by their own number', { groups: 11 }, 'removals'],
    ['groups at their share', { groups: 10 }, 'allow'],
    ['memberships by their own number', { memberships: 251 }, 'removals'],
    ['memberships at their share', { memberships: 250 }, 'allow'],
    ['missing accounts at the share', { missing: 50 }, 'allow'],
    ['missing accounts above the share', { missing: 51 }, 'recreations'],
    ['missing accounts and removals at the share', { missing: 25, users: 25 }, 'allow'],
    ['missing accounts and removals above the share', { missing: 25, users: 26 }, 'removals+recreations'],
    ['all accounts missing', { missing: 1000 }, 'recreations'],
    ['missing groups by their own number', { missingGroups: 11 }, 'recreations'],
    ['missing accounts, approved by number', { missing: 51 }, 'allow', { approval: { removals: 51 } }],
    ['missing accounts, one above the number', { missing: 51 }, 'recreations', { approval: { removals: 50 } }],
    ['each below its own limit', { users: 50, groups: 5, memberships: 250 }, 'allow'],
    ['renames at their share', { renames: 100 }, 'allow'],
    ['renames above their share', { renames: 101 }, 'renames'],
    ['renames by count', { renames: 3 }, 'renames', { renames: count(2) }],
    ['both', { users: 51, renames: 101 }, 'removals+renames'],
    ['two kinds of removals are one part', { users: 51, groups: 11 }, 'removals'],
    ['removals where nothing is known', { users: 11, known: 0 }, 'removals'],
  ])('%s', (_, given, expected, rules = {}) => {
    expect(parts(judge(given, rules))).toBe(expected);
  });
});

describe('an approval allows', () => {
  test.each<[string, Given, Approval, string]>([
    ['exactly the number', { users: 60 }, { removals: 60 }, 'allow'],
    ['more than the number', { users: 60 }, { removals: 100 }, 'allow'],
    ['one too few', { users: 60 }, { removals: 59 }, 'removals'],
    ['zero', { users: 60 }, { removals: 0 }, 'removals'],
    [
      'users, groups and memberships count together',
      { users: 60, groups: 20, memberships: 300 },
      { removals: 379 },
      'removals',
    ],
    ['all of them', { users: 60, groups: 20, memberships: 300 }, { removals: 380 }, 'allow'],
    ['an approval of removals does not cover renames', { users: 60, renames: 200 }, { removals: 60 }, 'renames'],
    [
      'a plan by its id, with any number of changes',
      { users: 1000, groups: 100, memberships: 5000, renames: 1000 },
      { plan: true },
      'allow',
    ],
    ['a plan that is not approved', { users: 60 }, { plan: false }, 'removals'],
  ])('%s', (_, given, approval, expected) => {
    expect(parts(judge(given, { approval }))).toBe(expected);
  });
});

test('a hold gives the numbers, the limit and the command', () => {
  expect(
    judge({ users: 120, groups: 3, memberships: 400, renames: 150, known: 2000 }, { renames: count(100) }),
  ).toEqual({
    kind: 'hold',
    parts: ['removals', 'renames'],
    removals: 523,
    renames: 150,
    violations: [
      { code: 'guard.userRemovals', count: 120, known: 2000 },
      { code: 'guard.membershipRemovals', count: 400, known: 5000 },
      { code: 'guard.renames', count: 150, known: 2000 },
    ],
    reasons: [
      'app: would deactivate or delete 120 of 2000 people; the limit is 5 % above 10. ' +
        'If that is right, let it through with "scimsync sync --target app --allow-removals 523".',
      'app: would end 400 of 5000 memberships; the limit is 5 % above 10. ' +
        'If that is right, let it through with "scimsync sync --target app --allow-removals 523".',
      'app: would change userName or e-mail of 150 of 2000 people; the limit is 100. ' +
        "If that is right, let it through with the plan's id: " +
        '"scimsync plan --target app", then "scimsync sync --target app --plan ID".',
    ],
  });
});

test('the number in the message is the number that approves the plan', () => {
  const given = { users: 51, groups: 12, memberships: 7 };
  const held = judge(given);
  expect(held).toMatchObject({ kind: 'hold', removals: totalRemovals(totals(given)) });
  expect(judge(given, { approval: { removals: held.kind === 'hold' ? held.removals : 0 } })).toEqual({ kind: 'allow' });
});

test.each<[number, number, Limit, boolean]>([
  [10, 100, share(0.1), false],
  [11, 100, share(0.1), true],
  [10, 0, share(0.1), false],
  [0, 100, count(0), false],
  [1, 100, count(0), true],
])('%d of %d against %j with a floor of 10: %s', (number, known, limit, expected) => {
  expect(exceeds(number, known, limit, 10)).toBe(expected);
});

test.each<[Limit, string]>([
  [count(50), '50'],
  [share(0.05), '5 % above 10'],
  [share(0.125), '12.5 % above 10'],
  [share(1 / 3), '33.3 % above 10'],
])('%j in words', (limit, words) => {
  expect(describeLimit(limit, 10)).toBe(words);
});

describe('passes that come one after the other', () => {
  const recent = (users: number, memberships = 0): RecentRemovals => ({
    withinMs: 900_000,
    removals: { users, groups: 0, memberships },
    recreations: { users: 0, groups: 0 },
  });
  const judged = (given: Given, before: RecentRemovals | undefined, approval: Approval = {}): Verdict =>
    guard({
      target: 'app',
      totals: totals(given),
      limits: { maxRemovals: share(0.05), maxRenames: share(0.1), floor: 10 },
      approval,
      recent: before,
    });

  test.each<[string, Given, RecentRemovals | undefined, string, Approval?]>([
    ['alone', { users: 50 }, undefined, 'allow'],
    ['together at the limit', { users: 1 }, recent(49), 'allow'],
    ['together above it', { users: 1 }, recent(50), 'removals'],
    ['nothing to remove any more', {}, recent(500), 'allow'],
    ['of another kind', { users: 1 }, recent(0, 500), 'allow'],
    ['approved by number, which counts this plan alone', { users: 1 }, recent(500), 'allow', { removals: 1 }],
    ['approved by id', { users: 1 }, recent(500), 'allow', { plan: true }],
  ])('%s', (_, given, before, expected, approval = {}) =>
    expect(parts(judged(given, before, approval))).toBe(expected),
  );

  test('have a number of their own in the reason', () => {
    const verdict = judged({ users: 3 }, recent(48));
    expect(verdict.kind === 'hold' ? verdict.reasons : []).toEqual([
      'app: would deactivate or delete 3 of 1000 people, after 48 within 15 min; the limit is 5 % above 10. ' +
        'If that is right, let it through with "scimsync sync --target app --allow-removals 3".',
    ]);
  });
});

describe('the rounds of one pass count as one plan', () => {
  const round = (given: Given, verdict: Verdict = { kind: 'allow' }): JudgedRound => ({
    totals: totals(given),
    verdict,
  });
  const held = (given: Given): JudgedRound => round(given, judge(given));
  const judged = (given: Given, earlier: readonly JudgedRound[], approval: Approval = {}): Verdict =>
    guard({
      target: 'app',
      totals: totals(given),
      limits: { maxRemovals: share(0.05), maxRenames: share(0.1), floor: 10 },
      approval,
      earlier,
      recent: {
        withinMs: 60_000,
        removals: { users: 0, groups: 0, memberships: 7 },
        recreations: { users: 0, groups: 0 },
      },
    });

  test.each<[string, Given, readonly JudgedRound[], string, Approval?]>([
    ['removals at the limit together', { users: 20 }, [round({ users: 30 })], 'allow'],
    ['removals above the limit together', { users: 21 }, [round({ users: 30 })], 'removals'],
    ['removals over three rounds', { users: 1 }, [round({ users: 30 }), round({ users: 20 })], 'removals'],
    ['removals of another kind', { memberships: 29 }, [round({ users: 50 })], 'allow'],
    ['earlier rounds and recent passes together', { memberships: 4 }, [round({ memberships: 240 })], 'removals'],
    ['a round without removals', {}, [held({ users: 51 })], 'allow'],
    ['one removal after a held round', { users: 1 }, [held({ users: 51 })], 'removals'],
    ['renames at the limit together', { renames: 40 }, [round({ renames: 60 })], 'allow'],
    ['renames above the limit together', { renames: 41 }, [round({ renames: 60 })], 'renames'],
    ['a number that covers both rounds', { users: 20 }, [round({ users: 60 })], 'allow', { removals: 80 }],
    ['a number that round 0 has used up', { users: 20 }, [round({ users: 60 })], 'removals', { removals: 60 }],
    ['a number that is one too small', { users: 20 }, [round({ users: 60 })], 'removals', { removals: 79 }],
    ['an approved plan id within the limits', { users: 20 }, [round({ users: 30 })], 'allow', { plan: true }],
    ['removals that an approved plan id did not show', { users: 51 }, [round({})], 'removals', { plan: true }],
    ['any removal after an approved mass removal', { users: 1 }, [round({ users: 60 })], 'removals', { plan: true }],
    ['renames that an approved plan id did not show', { renames: 101 }, [round({})], 'renames', { plan: true }],
  ])('%s', (_, given, earlier, expected, approval = {}) => {
    expect(parts(judged(given, earlier, approval))).toBe(expected);
  });

  test('a hold states the earlier removals, and a number that also covers those that are still held', () => {
    expect(
      judged({ memberships: 300, renames: 50 }, [round({ memberships: 3, renames: 60 }), held({ users: 60 })]),
    ).toEqual({
      kind: 'hold',
      parts: ['removals', 'renames'],
      removals: 360,
      renames: 50,
      violations: [
        { code: 'guard.membershipRemovals', count: 310, known: 5000 },
        { code: 'guard.renames', count: 110, known: 1000 },
      ],
      reasons: [
        'app: would end 300 of 5000 memberships, after 3 earlier in this pass and 7 within 1 min; ' +
          'the limit is 5 % above 10. ' +
          'If that is right, let it through with "scimsync sync --target app --allow-removals 360".',
        'app: would change userName or e-mail of 50 of 1000 people, after 60 earlier in this pass; ' +
          "the limit is 10 % above 10. If that is right, let it through with the plan's id: " +
          '"scimsync plan --target app", then "scimsync sync --target app --plan ID".',
      ],
    });
  });

  test('the hold of a pass joins those of its rounds', () => {
    const first = judge({ users: 60 });
    const second = judged({ users: 2, renames: 101 }, [round({ users: 60 }, first)]);
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

test('missing accounts are held with their number, the limit and the likely cause', () => {
  const recent: RecentRemovals = {
    withinMs: 86_400_000,
    removals: { users: 3, groups: 0, memberships: 0 },
    recreations: { users: 4, groups: 0 },
  };
  const verdict = guard({
    target: 'app',
    totals: totals({ missing: 40, users: 2, known: 60 }),
    limits: { maxRemovals: share(0.1), maxRenames: share(0.1), floor: 5 },
    approval: {},
    recent,
  });
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
