import { expect, test } from '@jest/globals';
import { sourceKey, type SourceKey } from '../../../src/model/ids.ts';
import { replacedGroups } from '../../../src/plan/guard/replaced-groups.ts';

type Sizes = Readonly<Record<string, number>>;

const sizes = (counts: Sizes): ReadonlyMap<SourceKey, number> =>
  new Map(Object.entries(counts).map(([group, count]) => [sourceKey(group), count]));

test.each<[string, Sizes, Sizes, readonly [string, string, number][], number, readonly string[]]>([
  // memberships that end, members of new groups, [from, to, people], known memberships, replaced groups
  ['a renamed group', { HR: 33 }, { People: 33 }, [['HR', 'People', 33]], 466, ['HR>People']],
  ['with joiners', { HR: 33 }, { People: 36 }, [['HR', 'People', 33]], 466, ['HR>People']],
  ['with too many others', { HR: 33 }, { People: 37 }, [['HR', 'People', 33]], 466, []],
  ['nearly all of its members join', { HR: 33 }, { People: 30 }, [['HR', 'People', 30]], 466, ['HR>People']],
  ['too few of its members join', { HR: 33 }, { People: 29 }, [['HR', 'People', 29]], 466, []],
  ['a small group, all of it', { HR: 3 }, { People: 3 }, [['HR', 'People', 3]], 40, ['HR>People']],
  ['a small group, one less', { HR: 3 }, { People: 2 }, [['HR', 'People', 2]], 40, []],
  ['all users join a group of all', { HR: 33 }, { All: 200 }, [['HR', 'All', 33]], 466, []],
  ['a group without a successor', { HR: 33 }, {}, [], 466, []],
  ['a group that is emptied beside a new one', { HR: 33 }, { People: 12 }, [], 466, []],
  [
    'a group that is divided',
    { HR: 33 },
    { North: 20, South: 13 },
    [
      ['HR', 'North', 20],
      ['HR', 'South', 13],
    ],
    466,
    [],
  ],
  [
    'two groups that become one',
    { HR: 33, Legal: 20 },
    { Staff: 53 },
    [
      ['HR', 'Staff', 33],
      ['Legal', 'Staff', 20],
    ],
    466,
    ['HR>Staff', 'Legal>Staff'],
  ],
  [
    'one of two vanished groups has a successor',
    { HR: 33, Legal: 20 },
    { People: 33 },
    [['HR', 'People', 33]],
    466,
    ['HR>People'],
  ],
  [
    'beside a new group of all',
    { HR: 33 },
    { All: 200, People: 33 },
    [
      ['HR', 'All', 33],
      ['HR', 'People', 33],
    ],
    466,
    ['HR>People'],
  ],
  ['half of all memberships', { HR: 33 }, { People: 33 }, [['HR', 'People', 33]], 66, ['HR>People']],
  ['more than half of all memberships', { HR: 33 }, { People: 33 }, [['HR', 'People', 33]], 65, []],
  [
    'all groups of a target',
    { A: 3, B: 3, C: 3 },
    { X: 3, Y: 3, Z: 3 },
    [
      ['A', 'X', 3],
      ['B', 'Y', 3],
      ['C', 'Z', 3],
    ],
    9,
    [],
  ],
])('%s', (_, endings, additions, moves, known, expected) => {
  const replaced = replacedGroups(
    {
      endings: sizes(endings),
      additions: sizes(additions),
      moves: moves.map(([from, to, count]) => ({ from: sourceKey(from), to: sourceKey(to), count })),
    },
    known,
    0,
  );
  expect(replaced.map(({ from, to }) => `${from}>${to}`)).toEqual(expected);
});

test.each([
  [0, 1],
  [27, 1],
  [28, 0],
  [200, 0],
])('%d memberships that were replaced within the window count, too', (before, expected) => {
  const turnover = {
    endings: sizes({ HR: 33 }),
    additions: sizes({ People: 33 }),
    moves: [{ from: sourceKey('HR'), to: sourceKey('People'), count: 33 }],
  };
  expect(replacedGroups(turnover, 120, before)).toHaveLength(expected);
});
