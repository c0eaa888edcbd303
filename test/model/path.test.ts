import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  enterpriseUserSchema,
  formatPath,
  parsePath,
  pathOf,
  PathSyntaxError,
  type AttributePath,
} from '../../src/model/path.ts';

describe('parsePath', () => {
  test.each<[string, AttributePath]>([
    ['userName', { attribute: 'userName' }],
    ['  userName ', { attribute: 'userName' }],
    ['name.givenName', { attribute: 'name', subAttribute: 'givenName' }],
    ['manager.$ref', { attribute: 'manager', subAttribute: '$ref' }],
    [
      'emails[type eq "work"].value',
      { attribute: 'emails', filter: [{ name: 'type', value: 'work' }], subAttribute: 'value' },
    ],
    ['emails[type eq "work"]', { attribute: 'emails', filter: [{ name: 'type', value: 'work' }] }],
    [
      'emails[type EQ "work" AND primary eq TRUE].value',
      {
        attribute: 'emails',
        filter: [
          { name: 'type', value: 'work' },
          { name: 'primary', value: true },
        ],
        subAttribute: 'value',
      },
    ],
    [
      'roles[display eq "Sales and Marketing"].value',
      { attribute: 'roles', filter: [{ name: 'display', value: 'Sales and Marketing' }], subAttribute: 'value' },
    ],
    [
      'roles[display eq "a\\"b]"].value',
      { attribute: 'roles', filter: [{ name: 'display', value: 'a"b]' }], subAttribute: 'value' },
    ],
    [
      'roles[display eq "a\u2028b"].value',
      { attribute: 'roles', filter: [{ name: 'display', value: 'a\u2028b' }], subAttribute: 'value' },
    ],
    [
      'ims[type eq "a:b.c"].value',
      { attribute: 'ims', filter: [{ name: 'type', value: 'a:b.c' }], subAttribute: 'value' },
    ],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName', { attribute: 'userName' }],
    ['URN:IETF:params:scim:schemas:core:2.0:group:displayName', { attribute: 'displayName' }],
    [
      `${enterpriseUserSchema}:manager.value`,
      { schema: enterpriseUserSchema, attribute: 'manager', subAttribute: 'value' },
    ],
    [
      'urn:acme:1.0:User:badges[type eq "x:y"].value',
      {
        schema: 'urn:acme:1.0:User',
        attribute: 'badges',
        filter: [{ name: 'type', value: 'x:y' }],
        subAttribute: 'value',
      },
    ],
  ])('%s', (text, path) => expect(parsePath(text)).toEqual(path));

  test.each([
    '',
    ' ',
    '.',
    'name.',
    '.givenName',
    'name.a.b',
    '1name',
    'First Name',
    'emails[]',
    'emails[type].value',
    'emails[type ne "work"].value',
    'emails[type eq "work" or type eq "home"].value',
    'emails[type eq "work" and ].value',
    'emails[type eq "a" and type eq].value',
    'emails[type eq "\\x"].value',
    'emails[type eq "work".value',
    '__proto__',
    'urn:acme:1.0:User:',
  ])('refuses "%s"', (text) => expect(() => parsePath(text)).toThrow(PathSyntaxError));
});

test('the canonical text of any path parses back to that path', () => {
  const name = fc.stringMatching(/^[A-Za-z$][A-Za-z0-9_$-]{0,8}$/);
  const filter = fc.array(fc.record({ name, value: fc.oneof(fc.string({ unit: 'grapheme' }), fc.boolean()) }), {
    minLength: 1,
    maxLength: 3,
  });
  const path = fc.record(
    { schema: fc.constantFrom(enterpriseUserSchema, 'urn:acme:1.0:User'), attribute: name, filter, subAttribute: name },
    { requiredKeys: ['attribute'] },
  );
  fc.assert(fc.property(path, (it) => expect(parsePath(formatPath(it))).toEqual(it)));
});

test('pathOf remembers, and gives what parsePath gives', () => {
  expect(pathOf('name.givenName')).toEqual(parsePath('name.givenName'));
  expect(pathOf('name.givenName')).toBe(pathOf('name.givenName'));
});
