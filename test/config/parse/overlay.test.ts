import { expect, test } from '@jest/globals';
import { loadConfig, type LoadedConfig } from '../../../src/config/load.ts';
import { overlay } from '../../../src/config/parse/overlay.ts';
import { configIo, issueTexts, minimalConfig } from '../fixtures.ts';

test.each<[what: string, base: unknown, over: unknown, result: unknown]>([
  ['objects are merged by key', { a: { b: 1, c: 2 } }, { a: { c: 3 }, d: 4 }, { a: { b: 1, c: 3 }, d: 4 }],
  ['null removes', { a: 1, b: { c: 1, d: 2 } }, { a: null, b: { c: null } }, { b: { d: 2 } }],
  ['null stays where there is nothing', { a: {} }, { a: { title: null } }, { a: { title: null } }],
  ['null in the first file stays', { a: null }, { b: 1 }, { a: null, b: 1 }],
  [
    'lists are replaced',
    { a: [1, 2], b: { targets: [1] } },
    { a: [3], b: { targets: [] } },
    { a: [3], b: { targets: [] } },
  ],
  ['another type replaces', { a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
  [
    'targets are merged by name, and new ones follow',
    { targets: [{ name: 'a', url: 1, adopt: true }, { name: 'b' }] },
    { targets: [{ name: 'c' }, { name: 'a', url: 2, adopt: null }] },
    { targets: [{ name: 'a', url: 2 }, { name: 'b' }, { name: 'c' }] },
  ],
  [
    'targets without names are added',
    { targets: [{ url: 1 }] },
    { targets: [{ url: 2 }] },
    { targets: [{ url: 1 }, { url: 2 }] },
  ],
  [
    'targets by name are changed, removed and added',
    {
      targets: [
        { name: 'a', url: 1 },
        { name: 'b', url: 2 },
        { name: 'c', url: 3 },
      ],
    },
    { targets: { b: null, c: { url: 4 }, d: { url: 5 } } },
    {
      targets: [
        { name: 'a', url: 1 },
        { name: 'c', url: 4 },
        { name: 'd', url: 5 },
      ],
    },
  ],
  [
    'a target by name that is no object stays wrong',
    { targets: [{ name: 'a' }] },
    { targets: { b: 7 } },
    { targets: [{ name: 'a' }, 7] },
  ],
])('%s', (_what, base, over, result) => {
  const files = [
    { name: 'base.json', value: base },
    { name: 'over.json', value: over },
  ] as const;
  expect(overlay([...files]).value).toEqual(result);
});

test('a place has the file that stated it last, and a missing value that of the object around it', () => {
  const { fileOf } = overlay([
    { name: 'base.json', value: { a: 1, targets: [{ name: 'x', mapping: { user: { 'b[c].d': 1 } } }] } },
    {
      name: 'over.json',
      value: { targets: [{ name: 'x', url: 2, mapping: { user: { 'e[f].g': 1 } } }, { name: 'y' }] },
    },
  ]);
  expect(
    ['a', 'targets[0].url', 'targets[0].mapping.user["b[c].d"]', 'targets[0].mapping.user["e[f].g"]'].map(fileOf),
  ).toEqual(['base.json', 'over.json', 'base.json', 'over.json']);
  expect(['absent', 'targets[0].auth.token', 'targets[1].url'].map(fileOf)).toEqual([
    'base.json',
    'base.json',
    'over.json',
  ]);
});

test('places follow the removal of a target, which may come back in a further file', () => {
  const { value, fileOf, mistakes } = overlay([
    { name: 'base.json', value: { targets: [{ name: 'a' }, { name: 'b', url: 1 }] } },
    { name: 'over.json', value: { targets: { a: null, b: { adopt: true } } } },
    { name: 'last.json', value: { targets: { a: { url: 2 }, x: null } } },
  ]);
  expect(value).toEqual({
    targets: [
      { name: 'b', url: 1, adopt: true },
      { name: 'a', url: 2 },
    ],
  });
  expect(['targets[0].url', 'targets[0].adopt', 'targets[1].url'].map(fileOf)).toEqual([
    'base.json',
    'over.json',
    'last.json',
  ]);
  expect(mistakes).toMatchObject([{ path: 'targets.x', code: 'config.unknownKey' }]);
});

const load = (over: string): LoadedConfig =>
  loadConfig(
    configIo({ '/etc/sync/base.json': JSON.stringify(minimalConfig()), '/srv/over.json': over }),
    '/etc/sync/base.json',
    ['/srv/over.json'],
  );

test('relative paths of all files start at the folder of the first one', () => {
  expect(load('{"state": "./other.db"}')).toMatchObject({
    config: { file: '/etc/sync/base.json', state: '/etc/sync/other.db', targets: [{ name: 'app' }] },
  });
});

test.each([
  ['{"stopSeconds": "x", "source": null}', /^stopSeconds: .* \(\/srv\/over\.json\)$/m],
  ['{"state": "a", "state": "b"}', /^state: occurs twice; keep one of the two \(\/srv\/over\.json\)$/m],
  ['{"state": }', /^\/srv\/over\.json is not valid JSON/m],
])('a mistake names the file: %s', (over, text) => {
  expect(issueTexts(load(over)).join('\n')).toMatch(text);
});
