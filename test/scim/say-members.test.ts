import { describe, expect, test } from '@jest/globals';
import { memberElement, memberOperations, placeMembers, type MemberWords } from '../../src/scim/say-members.ts';
import type { Member } from '../../src/model/operation.ts';
import { sourceKey } from '../../src/model/ids.ts';
import { members, person, resolve } from './setting.ts';

const plain: MemberWords = { addMembers: 'list', removeMembers: 'filter', memberParts: [], patchOps: 'lower' };
const said = (words: Partial<MemberWords>, add: readonly string[], gone: readonly string[] = []) =>
  memberOperations(placeMembers(members(add, gone), resolve), { ...plain, ...words }, ({ key }) => `Dr ${key}`);
const two = [{ value: 'id-a' }, { value: 'id-b' }];

describe('memberOperations', () => {
  test.each<[string, Partial<MemberWords>, readonly object[]]>([
    ['list', {}, [{ op: 'add', path: 'members', value: two }]],
    ['object', { addMembers: 'object' }, [{ op: 'add', path: 'members', value: { members: two } }]],
    ['noPath', { addMembers: 'noPath' }, [{ op: 'add', value: { members: two } }]],
    ['Add', { patchOps: 'title' }, [{ op: 'Add', path: 'members', value: two }]],
    [
      'display',
      { memberParts: ['display'] },
      [
        {
          op: 'add',
          path: 'members',
          value: [
            { value: 'id-a', display: 'Dr a' },
            { value: 'id-b', display: 'Dr b' },
          ],
        },
      ],
    ],
  ])('who comes: %s', (_, words, operations) => {
    expect(said(words, ['a', 'b'])).toEqual(operations);
  });

  test.each<[string, Partial<MemberWords>, readonly object[]]>([
    [
      'filter',
      {},
      [
        { op: 'remove', path: 'members[value eq "id-a"]' },
        { op: 'remove', path: 'members[value eq "id-b\\"c"]' },
      ],
    ],
    [
      'list',
      { removeMembers: 'list' },
      [{ op: 'remove', path: 'members', value: [{ value: 'id-a' }, { value: 'id-b"c' }] }],
    ],
    [
      'Remove',
      { removeMembers: 'list', patchOps: 'title' },
      [{ op: 'Remove', path: 'members', value: [{ value: 'id-a' }, { value: 'id-b"c' }] }],
    ],
  ])('who goes: %s', (_, words, operations) => {
    expect(said(words, [], ['a', 'b"c'])).toEqual(operations);
  });

  test('removals go first, and who is not there is left out', () => {
    const coming = placeMembers(members(['a', 'B'], ['c', 'D']), resolve);
    expect(coming.leftOut).toEqual([person('D'), person('B')]);
    expect(memberOperations(coming, plain)).toEqual([
      { op: 'remove', path: 'members[value eq "id-c"]' },
      { op: 'add', path: 'members', value: [{ value: 'id-a' }] },
    ]);
  });
});

test('a member with all its parts; without a name it is called by its id', () => {
  const member: Member = { kind: 'Group', key: sourceKey('ops') };
  const placed = placeMembers({ add: [member], remove: [] }, () => resolve('Group', sourceKey('o|s'))).add[0]!;
  expect(memberElement(placed, { ...plain, memberParts: ['type', '$ref', 'display'] })).toEqual({
    value: 'id-o|s',
    type: 'Group',
    $ref: '../Groups/id-o%7Cs',
    display: 'id-o|s',
  });
});
