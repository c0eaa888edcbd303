import { describe, expect, test } from '@jest/globals';
import {
  memberElement,
  memberOperations,
  resolveMembers,
  type MemberPatchStyle,
} from '../../../src/scim/encode/member-patch.ts';
import type { Member } from '../../../src/model/operation.ts';
import { recordKey } from '../../../src/model/record-key.ts';
import { sourceKey } from '../../../src/model/ids.ts';
import { members, person, resolve } from '../fixtures.ts';

const plain: MemberPatchStyle = {
  addMembers: 'list',
  removeMembers: 'filter',
  memberSubAttributes: [],
  patchOps: 'lower',
};
const doctors = new Map([...'abcdefgh'].map((key) => [recordKey(person(key)), `Dr ${key}`]));
const encoded = (words: Partial<MemberPatchStyle>, add: readonly string[], removed: readonly string[] = []) =>
  memberOperations(resolveMembers(members(add, removed), resolve), { ...plain, ...words }, doctors);
const two = [{ value: 'id-a' }, { value: 'id-b' }];

describe('memberOperations', () => {
  test.each<[string, Partial<MemberPatchStyle>, readonly object[]]>([
    ['list', {}, [{ op: 'add', path: 'members', value: two }]],
    ['object', { addMembers: 'object' }, [{ op: 'add', path: 'members', value: { members: two } }]],
    ['noPath', { addMembers: 'noPath' }, [{ op: 'add', value: { members: two } }]],
    ['Add', { patchOps: 'title' }, [{ op: 'Add', path: 'members', value: two }]],
    [
      'display',
      { memberSubAttributes: ['display'] },
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
  ])('additions: %s', (_, words, operations) => {
    expect(encoded(words, ['a', 'b'])).toEqual(operations);
  });

  test.each<[string, Partial<MemberPatchStyle>, readonly object[]]>([
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
  ])('removals: %s', (_, words, operations) => {
    expect(encoded(words, [], ['a', 'b"c'])).toEqual(operations);
  });

  test('removals come first, and members without an id are left out', () => {
    const coming = resolveMembers(members(['a', 'B'], ['c', 'D']), resolve);
    expect(coming.unresolvedMembers).toEqual([person('D'), person('B')]);
    expect(memberOperations(coming, plain)).toEqual([
      { op: 'remove', path: 'members[value eq "id-c"]' },
      { op: 'add', path: 'members', value: [{ value: 'id-a' }] },
    ]);
  });
});

test('a member with all sub-attributes; without a name, display is the id', () => {
  const member: Member = { resourceType: 'Group', key: sourceKey('ops') };
  const placed = resolveMembers({ add: [member], remove: [] }, () => resolve('Group', sourceKey('o|s'))).add[0]!;
  expect(memberElement(placed, { ...plain, memberSubAttributes: ['type', '$ref', 'display'] })).toEqual({
    value: 'id-o|s',
    type: 'Group',
    $ref: '../Groups/id-o%7Cs',
    display: 'id-o|s',
  });
});
