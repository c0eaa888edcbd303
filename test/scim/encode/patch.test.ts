import { describe, expect, test } from '@jest/globals';
import type { FlatResource } from '../../../src/model/resource.ts';
import { beforeEdits, toPatch } from '../../../src/scim/encode/patch.ts';

const work = 'emails[type eq "work"].value';
const primary = 'emails[type eq "work"].primary';
const home = 'emails[type eq "home"].value';
const department = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';
const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';

type Row = readonly [path: string, from: any, to: any];

/** Rows of path, before, after; `body` contains the unchanged attributes. */
function patch(rows: readonly Row[], stays: FlatResource, valuePaths: boolean) {
  const edits = rows.map(([path, from, to]) => ({ path, from, to }));
  const after = {
    ...stays,
    ...Object.fromEntries(rows.filter(([, , to]) => to !== null).map(([path, , to]) => [path, to])),
  };
  return toPatch(edits, beforeEdits(edits, after), after, { valuePaths, manager: 'reference' });
}

describe('toPatch', () => {
  test.each<[string, readonly Row[], FlatResource, object[]]>([
    ['replaces', [['userName', 'a', 'b']], {}, [{ op: 'replace', path: 'userName', value: 'b' }]],
    ['adds', [['title', null, 'x']], {}, [{ op: 'add', path: 'title', value: 'x' }]],
    ['removes', [['title', 'x', null]], {}, [{ op: 'remove', path: 'title' }]],
    ['a sub-attribute', [['name.givenName', 'a', 'b']], {}, [{ op: 'replace', path: 'name.givenName', value: 'b' }]],
    ['the value false', [['active', true, false]], {}, [{ op: 'replace', path: 'active', value: false }]],
    ['an extension', [[department, 'a', 'b']], {}, [{ op: 'replace', path: department, value: 'b' }]],
    ['a manager', [[`${manager}.value`, null, '42']], {}, [{ op: 'add', path: manager, value: { value: '42' } }]],
    [
      'another manager',
      [[`${manager}.value`, '41', '42']],
      {},
      [{ op: 'replace', path: manager, value: { value: '42' } }],
    ],
    ['a removed manager', [[`${manager}.value`, '41', null]], {}, [{ op: 'remove', path: manager }]],
    ['an element', [[work, 'a', 'b']], {}, [{ op: 'replace', path: work, value: 'b' }]],
    [
      'a new element, as one operation',
      [
        [work, null, 'a'],
        [primary, null, true],
      ],
      {},
      [{ op: 'add', path: 'emails', value: [{ type: 'work', value: 'a', primary: true }] }],
    ],
    [
      'a new sub-attribute of an element',
      [[primary, null, true]],
      { [work]: 'a' },
      [{ op: 'add', path: primary, value: true }],
    ],
    ['a removed sub-attribute', [[primary, true, null]], { [work]: 'a' }, [{ op: 'remove', path: primary }]],
    [
      'a removed element, as one operation',
      [
        [work, 'a', null],
        [primary, true, null],
      ],
      {},
      [{ op: 'remove', path: 'emails[type eq "work"]' }],
    ],
    [
      'a removed and a new attribute',
      [
        [work, 'a', null],
        [home, null, 'b'],
      ],
      {},
      [
        { op: 'remove', path: 'emails[type eq "work"]' },
        { op: 'add', path: 'emails', value: [{ type: 'home', value: 'b' }] },
      ],
    ],
    [
      'several edits',
      [
        ['userName', 'a', 'b'],
        ['title', 'x', null],
      ],
      {},
      [
        { op: 'replace', path: 'userName', value: 'b' },
        { op: 'remove', path: 'title' },
      ],
    ],
    ['nothing', [], {}, []],
  ])('%s', (_, rows, stays, expected) => {
    expect(patch(rows, stays, true)).toEqual(expected);
  });

  test.each<[string, readonly Row[], FlatResource, object[]]>([
    [
      'an element',
      [[work, 'a', 'b']],
      { [home]: 'h' },
      [
        {
          op: 'replace',
          path: 'emails',
          value: [
            { type: 'home', value: 'h' },
            { type: 'work', value: 'b' },
          ],
        },
      ],
    ],
    [
      'both elements, once',
      [
        [work, 'a', 'b'],
        [home, null, 'h'],
      ],
      {},
      [
        {
          op: 'replace',
          path: 'emails',
          value: [
            { type: 'work', value: 'b' },
            { type: 'home', value: 'h' },
          ],
        },
      ],
    ],
    ['the last element is removed', [[work, 'a', null]], {}, [{ op: 'remove', path: 'emails' }]],
    [
      'a plain attribute is sent as usual',
      [['userName', 'a', 'b']],
      {},
      [{ op: 'replace', path: 'userName', value: 'b' }],
    ],
  ])('without paths into elements: %s', (_, rows, stays, expected) => {
    expect(patch(rows, stays, false)).toEqual(expected);
  });
});
