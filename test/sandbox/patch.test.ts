import { describe, expect, test } from '@jest/globals';
import { applyEdits } from '../../src/sandbox/patch/apply.ts';
import { parseEdits } from '../../src/sandbox/patch/edits.ts';
import type { Json } from '../../src/model/resource.ts';
import type { Complex } from '../../src/sandbox/resources/resource.ts';
import { resourceTypeDefinitions, standardResourceTypes } from '../../src/sandbox/schema/resource-type.ts';
import { patchOf } from './test-sandbox.ts';

const typeDefinitions = resourceTypeDefinitions(standardResourceTypes);

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const before: Complex = {
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  active: true,
  emails: [
    { value: 'w@x', type: 'work', primary: true },
    { value: 'h@x', type: 'home' },
  ],
  [enterprise]: { department: 'Engines' },
};
const [work, home] = before['emails'] as readonly Complex[];

const team: Complex = {
  displayName: 'Team',
  members: [
    { value: '1', type: 'User', $ref: 'u/1' },
    { value: '2', type: 'User', $ref: 'u/2' },
  ],
};
const [one, two] = team['members'] as readonly Complex[];

const options = { strictSchema: false, missingOnRemove: 'refuse' } as const;

function patched(
  operations: readonly object[],
  to = before,
  more: Partial<{ strictSchema: boolean; missingOnRemove: 'refuse' | 'ignore' }> = {},
): Complex {
  const type = to === team ? typeDefinitions.Group : typeDefinitions.User;
  const all = { ...options, ...more };
  return applyEdits(to, parseEdits(type, 'id-1', patchOf(...operations) as Json, all.strictSchema), all);
}

describe('a user', () => {
  test.each<[object, object]>([
    [{ op: 'replace', path: 'userName', value: 'eve' }, { userName: 'eve' }],
    [{ op: 'Replace', path: 'USERNAME', value: 'eve' }, { userName: 'eve' }],
    [{ op: 'add', path: 'title', value: 'Countess' }, { title: 'Countess' }],
    [{ op: 'replace', path: 'title', value: 'Countess' }, { title: 'Countess' }],
    [
      { op: 'replace', value: { active: false, title: 'x' } },
      { active: false, title: 'x' },
    ],
    [{ op: 'replace', value: { id: 'id-1', schemas: [], title: 'x' } }, { title: 'x' }],
    [{ op: 'replace', value: { title: 'x', shoeSize: 42 } }, { title: 'x' }],
    [{ op: 'replace', path: 'name.givenName', value: 'Eve' }, { name: { givenName: 'Eve', familyName: 'Lovelace' } }],
    [
      { op: 'add', path: 'name', value: { middleName: 'K' } },
      { name: { givenName: 'Ada', familyName: 'Lovelace', middleName: 'K' } },
    ],
    [
      { op: 'replace', path: 'name', value: { givenName: 'Eve' } },
      { name: { givenName: 'Eve', familyName: 'Lovelace' } },
    ],
    [{ op: 'replace', path: 'name', value: { givenName: null } }, { name: { familyName: 'Lovelace' } }],
    [{ op: 'remove', path: 'name.givenName' }, { name: { familyName: 'Lovelace' } }],
    [{ op: 'remove', path: 'name' }, { name: undefined }],
    [{ op: 'replace', path: 'name', value: null }, { name: undefined }],
    [{ op: 'replace', path: 'emails', value: [] }, { emails: undefined }],
    [{ op: 'remove', path: 'emails' }, { emails: undefined }],
    [{ op: 'replace', path: 'emails', value: [{ value: 'n@x' }] }, { emails: [{ value: 'n@x' }] }],
    [{ op: 'replace', path: 'emails', value: { value: 'n@x' } }, { emails: [{ value: 'n@x' }] }],
    [
      { op: 'add', path: 'emails', value: [{ value: 'n@x', type: 'other' }] },
      { emails: [work, home, { value: 'n@x', type: 'other' }] },
    ],
    [{ op: 'add', path: 'emails', value: { VALUE: 'n@x' } }, { emails: [work, home, { value: 'n@x' }] }],
    [
      { op: 'add', path: 'emails', value: [{ value: 'n@x', primary: true }] },
      { emails: [{ ...work, primary: false }, home, { value: 'n@x', primary: true }] },
    ],
    [
      { op: 'replace', path: 'emails[type eq "home"].primary', value: true },
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'n@x' },
      { emails: [{ ...work, value: 'n@x' }, home] },
    ],
    [
      { op: 'replace', path: 'Emails[TYPE EQ "Work"].Value', value: 'n@x' },
      { emails: [{ ...work, value: 'n@x' }, home] },
    ],
    [{ op: 'replace', path: 'emails[type eq "home"]', value: { value: 'n@x' } }, { emails: [work, { value: 'n@x' }] }],
    [
      { op: 'add', path: 'emails[type eq "home"]', value: { display: 'H' } },
      { emails: [work, { ...home, display: 'H' }] },
    ],
    [{ op: 'remove', path: 'emails[type eq "home"]' }, { emails: [work] }],
    [{ op: 'remove', path: 'emails[value eq "H@X"]' }, { emails: [work] }],
    [{ op: 'remove', path: 'emails[value co "@x"]' }, { emails: undefined }],
    [{ op: 'remove', path: 'emails[type eq "work"].type' }, { emails: [{ value: 'w@x', primary: true }, home] }],
    [{ op: 'replace', path: `${enterprise}:department`, value: 'Sums' }, { [enterprise]: { department: 'Sums' } }],
    [
      { op: 'add', path: `${enterprise}:manager.value`, value: '7' },
      { [enterprise]: { department: 'Engines', manager: { value: '7' } } },
    ],
    [
      { op: 'add', path: `${enterprise}:manager`, value: { value: '7' } },
      { [enterprise]: { department: 'Engines', manager: { value: '7' } } },
    ],
    [
      { op: 'add', value: { [enterprise]: { costCenter: '9' } } },
      { [enterprise]: { department: 'Engines', costCenter: '9' } },
    ],
    [{ op: 'replace', path: enterprise, value: { department: 'Sums' } }, { [enterprise]: { department: 'Sums' } }],
    [{ op: 'remove', path: `${enterprise}:department` }, { [enterprise]: undefined }],
    [{ op: 'remove', path: enterprise }, { [enterprise]: undefined }],
    [
      { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:name.familyName', value: 'X' },
      { name: { givenName: 'Ada', familyName: 'X' } },
    ],
    [{ op: 'replace', path: 'password', value: 'secret' }, {}],
  ])('%j → %j', (operation, change) => {
    const after: Record<string, unknown> = { ...before, ...change };
    for (const name of Object.keys(after)) if (after[name] === undefined) delete after[name];
    expect(patched([operation])).toStrictEqual(after);
  });

  test.each<[object]>([
    [{ op: 'replace', path: 'userName', value: 'ada' }],
    [{ op: 'add', path: 'emails', value: [{ type: 'home', value: 'h@x' }] }],
    [{ op: 'replace', path: 'emails', value: [work, home] }],
    [{ op: 'add', value: { name: { givenName: 'Ada' } } }],
    [{ op: 'remove', path: 'title' }],
    [{ op: 'add', path: 'title', value: null }],
    [{ op: 'replace', path: 'schemas', value: ['urn:x'] }],
  ])('%j changes nothing, so it stays the same object', (operation) => {
    expect(patched([operation])).toBe(before);
  });

  test('an operation sees the result of the operations before it', () => {
    const after = patched([
      { op: 'add', path: 'emails', value: [{ value: 'n@x', type: 'other' }] },
      { op: 'replace', path: 'emails[type eq "other"].value', value: 'm@x' },
      { op: 'remove', path: 'emails[type eq "work"]' },
    ]);
    expect(after['emails']).toEqual([home, { value: 'm@x', type: 'other' }]);
  });

  test('a refused PATCH has no effect', () => {
    const copy = structuredClone(before);
    expect(() =>
      patched([
        { op: 'remove', path: 'emails' },
        { op: 'replace', path: 'active', value: 'no' },
      ]),
    ).toThrow();
    expect(before).toEqual(copy);
  });
});

describe('invalid operations', () => {
  test.each<[string, object]>([
    ['invalidSyntax', { op: 'move', path: 'title', value: 'x' }],
    ['invalidSyntax', { path: 'title', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'shoeSize', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'name.shoeSize', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'name.givenName.x', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'urn:example:User:title', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'emails[type eq "work"', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'emails[type eq "work"]value', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'emails.value[type eq "work"]', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'name[givenName eq "Ada"].familyName', value: '42' }],
    ['invalidPath', { op: 'replace', path: 'emails.value', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 7, value: 'x' }],
    ['invalidPath', { op: 'replace', path: '', value: 'x' }],
    ['invalidFilter', { op: 'replace', path: 'emails[type is "work"].value', value: 'x' }],
    ['invalidFilter', { op: 'replace', path: 'emails[shoe eq "work"].value', value: 'x' }],
    ['invalidFilter', { op: 'remove', path: 'emails[]' }],
    ['noTarget', { op: 'remove' }],
    ['noTarget', { op: 'remove', path: 'emails[type eq "other"]' }],
    ['noTarget', { op: 'replace', path: 'emails[type eq "other"].value', value: 'x' }],
    ['noTarget', { op: 'add', path: 'emails[type eq "other"].value', value: 'x' }],
    ['invalidValue', { op: 'replace', path: 'active', value: 'true' }],
    ['invalidValue', { op: 'replace', path: 'active', value: 1 }],
    ['invalidValue', { op: 'replace', path: 'userName', value: 5 }],
    ['invalidValue', { op: 'replace', path: 'userName', value: ['x'] }],
    ['invalidValue', { op: 'replace', path: 'name', value: 'Ada' }],
    ['invalidValue', { op: 'replace', path: 'emails', value: ['x@x'] }],
    ['invalidValue', { op: 'replace', path: 'emails', value: [{}] }],
    ['invalidValue', { op: 'replace', path: 'title' }],
    ['invalidValue', { op: 'replace', value: 'x' }],
    ['invalidValue', { op: 'remove', path: 'emails', value: [{ value: 'h@x' }] }],
    [
      'invalidValue',
      {
        op: 'add',
        path: 'emails',
        value: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
    ],
    ['invalidValue', { op: 'add', path: `${enterprise}:manager`, value: { $ref: 'x' } }],
    ['mutability', { op: 'replace', path: 'id', value: 'x' }],
    ['mutability', { op: 'replace', path: 'meta.version', value: 'x' }],
    ['mutability', { op: 'replace', value: { id: 'another' } }],
    ['mutability', { op: 'add', path: 'groups', value: [{ value: 'x' }] }],
    ['mutability', { op: 'remove', path: 'userName' }],
    ['mutability', { op: 'replace', path: 'userName', value: null }],
    ['mutability', { op: 'add', path: `${enterprise}:manager.displayName`, value: 'x' }],
  ])('%s for %j', (scimType, operation) => {
    expect(() => patched([operation])).toThrow(expect.objectContaining({ status: 400, scimType }));
  });

  test.each<[object]>([
    [{ op: 'replace', value: { shoeSize: 1 } }],
    [{ op: 'add', path: 'name', value: { shoeSize: 1 } }],
  ])('%j, by a strict schema', (operation) => {
    expect(() => patched([operation], before, { strictSchema: true })).toThrow(
      expect.objectContaining({ scimType: 'invalidPath' }),
    );
  });

  test.each<[Json]>([
    [{ Operations: [] }],
    [patchOf() as Json],
    [{ ...patchOf({ op: 'remove', path: 'title' }), schemas: ['urn:x'] }],
    [[]],
    ['x'],
  ])('the message %j', (message) => {
    expect(() => parseEdits(typeDefinitions.User, 'id-1', message, false)).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidSyntax' }),
    );
  });
});

describe('members', () => {
  test.each<[object, readonly object[] | undefined]>([
    [{ op: 'add', path: 'members', value: [{ value: '3' }] }, [one!, two!, { value: '3' }]],
    [
      { op: 'add', path: 'members', value: [{ value: '2', type: 'User' }, { value: '3' }, { value: '3' }] },
      [one!, two!, { value: '3' }],
    ],
    [{ op: 'replace', path: 'members', value: [{ value: '3' }, { value: '3' }] }, [{ value: '3' }]],
    [{ op: 'remove', path: 'members[value eq "1"]' }, [two!]],
    [{ op: 'remove', path: 'members[value eq "1" or value eq "2"]' }, undefined],
    [{ op: 'remove', path: 'members' }, undefined],
  ])('%j', (operation, members) => {
    expect(patched([operation], team)['members']).toEqual(members);
  });

  test('add of an existing member changes nothing', () => {
    expect(patched([{ op: 'add', path: 'members', value: [{ value: '2' }] }], team)).toBe(team);
  });

  test('remove of an absent member is refused, or has no effect', () => {
    const operation = { op: 'remove', path: 'members[value eq "9"]' };
    expect(() => patched([operation], team)).toThrow(expect.objectContaining({ scimType: 'noTarget' }));
    expect(patched([operation], team, { missingOnRemove: 'ignore' })).toBe(team);
  });

  test('a member’s id is immutable', () => {
    expect(() => patched([{ op: 'replace', path: 'members[value eq "1"].value', value: '3' }], team)).toThrow(
      expect.objectContaining({ scimType: 'mutability' }),
    );
    expect(() => patched([{ op: 'replace', path: 'members[value eq "1"]', value: { value: '3' } }], team)).toThrow(
      expect.objectContaining({ scimType: 'mutability' }),
    );
  });
});
