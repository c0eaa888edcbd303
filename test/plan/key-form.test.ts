import { expect, test } from '@jest/globals';
import { instant } from '../../src/model/ids.ts';
import { judgeKeyForm, keyMoves, type KeyCluster } from '../../src/plan/key-form.ts';

const at = instant(Date.parse('2026-11-29T00:00:00Z'));
const former = '7 (until 2026-11-29T00:00:00.000Z)';

const leaver = { isPresent: false, hasAccount: true };
const forgotten = { isPresent: false, hasAccount: false };
const present = { isPresent: true, hasAccount: true };

test.each<[string, KeyCluster['keys'], readonly (readonly [string, string])[], number]>([
  ['one key', [{ key: '007', ...present }], [['007', '7']], 0],
  ['a leaver', [{ key: '007', ...leaver }], [['007', '7']], 0],
  [
    'a person, and a leaver with the form',
    [
      { key: '007', ...present },
      { key: '7', ...leaver },
    ],
    [
      ['007', '7'],
      ['7', former],
    ],
    0,
  ],
  [
    'a person, and a forgotten record with the form',
    [
      { key: '007', ...present },
      { key: '7', ...forgotten },
    ],
    [['007', '7']],
    0,
  ],
  [
    'a person with the form, and a leaver',
    [
      { key: '007', ...leaver },
      { key: '7', ...present },
    ],
    [],
    0,
  ],
  [
    'two leavers',
    [
      { key: '007', ...leaver },
      { key: '07', ...leaver },
    ],
    [['007', '7']],
    0,
  ],
  [
    'two people',
    [
      { key: '007', ...present },
      { key: '7', ...present },
    ],
    [],
    1,
  ],
  [
    'two people of whom one has an account',
    [
      { key: '007', ...present },
      { key: '7', isPresent: true, hasAccount: false },
    ],
    [['007', '7']],
    1,
  ],
])('%s', (_what, keys, moves, collisions) => {
  const result = keyMoves([{ form: '7', keys }], at);
  expect(result.moves.map(({ from, to }) => [from, to])).toEqual(moves);
  expect(result.collisions).toHaveLength(collisions);
});

test('collisions refuse the reading and name the keys', () => {
  const keys = [
    { key: '007', ...present },
    { key: '7', ...present },
  ];
  expect(judgeKeyForm([])).toEqual([]);
  expect(judgeKeyForm([{ form: '7', keys }])).toMatchObject([
    {
      code: 'source.keysCollide',
      refused: true,
      numbers: { keys: 1 },
      reason: expect.stringContaining('007 and 7') as unknown,
    },
  ]);
});
