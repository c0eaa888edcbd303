import { expect, test } from '@jest/globals';
import { coreGroupSchema, coreUserSchema, enterpriseUserSchema, managerPath } from '../../../src/model/path.ts';
import type { Json } from '../../../src/model/resource.ts';
import { mergeEdits } from '../../../src/scim/encode/merge-for-put.ts';

const there = {
  schemas: ['urn:whatever'],
  id: '1',
  meta: { version: 'W/"1"' },
  groups: [{ value: 'g' }],
  userName: 'ada',
  Title: 'Nurse',
  nickName: null,
  theirs: { kept: true },
  name: { givenName: 'Ada', middleName: 'X' },
  emails: [
    { type: 'work', value: 'w', primary: true },
    { type: 'home', value: 'h' },
  ],
  [enterpriseUserSchema]: { department: 'Care', manager: { value: '9', displayName: 'Grace' } },
};
const { meta: _meta, groups: _groups, nickName: _nickName, ...kept } = there;
const user = { ...kept, schemas: [coreUserSchema, enterpriseUserSchema] };

test.each<[string, readonly (readonly [string, Json])[], object]>([
  ['without read-only attributes', [], user],
  ['a plain value, with its name in another case', [['title', 'Doctor']], { ...user, Title: 'Doctor' }],
  ['a new attribute', [['displayName', 'Ada']], { ...user, displayName: 'Ada' }],
  ['a sub-attribute', [['name.givenName', 'Eva']], { ...user, name: { givenName: 'Eva', middleName: 'X' } }],
  [
    'an element',
    [['emails[type eq "work"].value', 'new']],
    {
      ...user,
      emails: [
        { type: 'work', value: 'new', primary: true },
        { type: 'home', value: 'h' },
      ],
    },
  ],
  [
    'a new element',
    [['emails[type eq "other"].value', 'o']],
    { ...user, emails: [...there.emails, { type: 'other', value: 'o' }] },
  ],
  ['a removed element', [['emails[type eq "work"].value', null]], { ...user, emails: [{ type: 'home', value: 'h' }] }],
  [
    'a removed attribute',
    [['title', null]],
    Object.fromEntries(Object.entries(user).filter(([name]) => name !== 'Title')),
  ],
  [
    'an enterprise attribute',
    [[`${enterpriseUserSchema}:department`, 'Sales']],
    { ...user, [enterpriseUserSchema]: { ...there[enterpriseUserSchema], department: 'Sales' } },
  ],
  [
    'a manager',
    [[managerPath, '8']],
    { ...user, [enterpriseUserSchema]: { department: 'Care', manager: { value: '8' } } },
  ],
  ['a removed manager', [[managerPath, null]], { ...user, [enterpriseUserSchema]: { department: 'Care' } }],
])('%s', (_, edits, expected) => {
  expect(
    mergeEdits(
      'User',
      there,
      edits.map(([path, to]) => ({ path, to })),
    ),
  ).toEqual(expected);
});

test('null at any depth and read-only attributes in any case are left out', () => {
  const shown = {
    userName: 'ada',
    Meta: {},
    name: { givenName: 'Ada', middleName: null },
    emails: [{ value: 'w', display: null }],
    photos: [],
  };
  expect(mergeEdits('User', shown, [])).toEqual({
    schemas: [coreUserSchema],
    userName: 'ada',
    name: { givenName: 'Ada' },
    emails: [{ value: 'w' }],
  });
});

test('schemas loses an extension with its last attribute, and gets a new extension', () => {
  const department = `${enterpriseUserSchema}:department`;
  const bare = { userName: 'ada', [enterpriseUserSchema]: { department: 'Care' } };
  expect(mergeEdits('User', bare, [{ path: department, to: null }])).toEqual({
    userName: 'ada',
    schemas: [coreUserSchema],
  });
  expect(mergeEdits('User', { userName: 'ada' }, [{ path: department, to: 'Care' }])).toEqual({
    ...bare,
    schemas: [coreUserSchema, enterpriseUserSchema],
  });
  expect(
    mergeEdits('Group', { displayName: 'A', members: [{ value: '1' }] }, [{ path: 'displayName', to: 'B' }]),
  ).toEqual({ displayName: 'B', members: [{ value: '1' }], schemas: [coreGroupSchema] });
});
