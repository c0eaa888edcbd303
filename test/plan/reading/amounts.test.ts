import type { Attributes } from '../../../src/model/record.ts';
import { expect, test } from '@jest/globals';
import { blankedAttributes, judgeAmounts, type AmountComparison } from '../../../src/plan/reading/amounts.ts';

const limits = { maxShrink: 0.3, maxBlank: 0.2, floor: 10 };
const full = { users: 1000, groups: 100, memberships: 5000 };

const change = (
  after: Partial<typeof full>,
  blanked: AmountComparison['blanked'] = [],
  before = full,
): AmountComparison => ({
  before,
  after: { ...before, ...after },
  blanked,
});

test.each<[string, AmountComparison, number]>([
  ['the same', change({}), 0],
  ['more', change({ users: 9000 }), 0],
  ['exactly the limit', change({ users: 700 }), 0],
  ['one more than the limit', change({ users: 699 }), 1],
  ['groups', change({ groups: 69 }), 1],
  ['memberships', change({ memberships: 3499 }), 1],
  ['everything', change({ users: 1, groups: 1, memberships: 1 }), 3],
  ['a loss of the floor', change({ users: 2 }, [], { users: 12, groups: 0, memberships: 0 }), 0],
  ['a loss of one more than the floor', change({ users: 1 }, [], { users: 12, groups: 0, memberships: 0 }), 1],
  ['the first reading', change(full, [], { users: 0, groups: 0, memberships: 0 }), 0],
  ['blank at the limit', change({}, [{ part: 'users', attribute: 'mail', had: 100, lost: 20 }]), 0],
  ['blank above the limit', change({}, [{ part: 'users', attribute: 'mail', had: 100, lost: 21 }]), 1],
  ['blank for few', change({}, [{ part: 'users', attribute: 'mail', had: 10, lost: 10 }]), 0],
  [
    'two attributes, one of them too blank',
    change({}, [
      { part: 'users', attribute: 'mail', had: 100, lost: 100 },
      { part: 'users', attribute: 'title', had: 100, lost: 1 },
    ]),
    1,
  ],
])('%s', (_, given, count) => {
  expect(judgeAmounts(given, limits)).toHaveLength(count);
});

test.each<[string, Partial<typeof full>, number]>([
  ['a user', { users: 1 }, 1],
  ['ten groups', { groups: 0 }, 0],
  ['ten memberships', { memberships: 0 }, 0],
])('a low floor applies only to users, because one deleted group ends many memberships: %s', (_, after, count) => {
  const before = { users: 2, groups: 10, memberships: 10 };
  expect(judgeAmounts(change(after, [], before), { ...limits, floor: 0 })).toHaveLength(count);
});

test('the reasons give the numbers', () => {
  expect(
    judgeAmounts(change({ users: 400 }, [{ part: 'users', attribute: 'mail', had: 900, lost: 300 }]), limits).map(
      ({ reason }) => reason,
    ),
  ).toEqual([
    '400 users instead of 1000: 60 % fewer, the limit is 30 %',
    '"mail" is now blank for 300 of the 900 users that had a value: 33.3 %, the limit is 20 %',
  ]);
});

const counted = new Set(['mail', 'sn']);
test.each<[Attributes, Attributes, ReadonlySet<string> | undefined, readonly string[]]>([
  // before, now, the attributes that are counted, those that were blanked
  [{}, { mail: ['a'] }, undefined, []],
  [{ mail: ['a'] }, { mail: ['b'] }, undefined, []],
  [{ mail: ['a'], sn: ['b'], title: ['c'] }, {}, undefined, ['mail', 'sn', 'title']],
  [{ mail: ['a'], sn: ['b'], title: ['c'] }, {}, counted, ['mail', 'sn']],
  [{ mail: ['a'], title: ['c'] }, { mail: ['a'] }, counted, []],
  [{ mail: ['a'] }, {}, new Set(), []],
  [{ constructor: ['a'] }, {}, undefined, ['constructor']],
])('attributes blanked from %j to %j', (before, now, attributes, expected) => {
  expect(blankedAttributes(before, now, attributes)).toEqual(expected);
});
