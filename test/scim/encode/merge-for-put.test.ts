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
  ['a plain value, whatever case its name has', [['title', 'Doctor']], { ...user, Title: 'Doctor' }],
  ['one that was not there', [['displayName', 'Ada']], { ...user, displayName: 'Ada' }],
  ['a part', [['name.givenName', 'Eva']], { ...user, name: { givenName: 'Eva', middleName: 'X' } }],
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
    'an element that was not there',
    [['emails[type eq "other"].value', 'o']],
    { ...user, emails: [...there.emails, { type: 'other', value: 'o' }] },
  ],
  [
    'an element that goes',
    [['emails[type eq "work"].value', null]],
    { ...user, emails: [{ type: 'home', value: 'h' }] },
  ],
  [
    'an attribute that goes',
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
  ['a manager who goes', [[managerPath, null]], { ...user, [enterpriseUserSchema]: { department: 'Care' } }],
])('%s', (_, edits, expected) => {
  expect(
    mergeEdits(
      'User',
      there,
      edits.map(([path, to]) => ({ path, to })),
    ),
  ).toEqual(expected);
});

test('null is left out, however deep it stands, and so is what the target makes itself, whatever case it has', () => {
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

test('an extension that loses its last attribute is not named any more, and a new one is', () => {
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
