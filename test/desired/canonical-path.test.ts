import { describe, expect, test } from '@jest/globals';
import { canonicalPath, covers, type CanonicalPath } from '../../src/desired/canonical-path.ts';
import {
  enterpriseUserSchema,
  managerPath,
  parsePath,
  PathSyntaxError,
  type PathErrorCode,
} from '../../src/model/path.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';

const enterprise = (rest: string): string => `${enterpriseUserSchema}:${rest}`;

/** The code of the error for a path; undefined if the path is valid. */
function codeOf(resourceType: ResourceType, text: string): PathErrorCode | undefined {
  try {
    canonicalPath(resourceType, text);
    return undefined;
  } catch (error) {
    if (error instanceof PathSyntaxError) return error.code;
    throw error;
  }
}

describe('paths of users', () => {
  test.each<[string, string, CanonicalPath['type']]>([
    ['username', 'userName', 'string'],
    ['EXTERNALID', 'externalId', 'string'],
    ['Name.GivenName', 'name.givenName', 'string'],
    ['name', 'name', 'object'],
    ['Active', 'active', 'boolean'],
    ['EMAILS', 'emails', 'list'],
    ['Emails[Type eq "work"].Value', 'emails[type eq "work"].value', 'string'],
    ['emails[type eq "work"]', 'emails[type eq "work"].value', 'string'],
    ['emails[type eq "work"].PRIMARY', 'emails[type eq "work"].primary', 'boolean'],
    ['emails[type eq "work" and primary eq true].value', 'emails[primary eq true and type eq "work"].value', 'string'],
    ['x509certificates', 'x509Certificates', 'list'],
    ['addresses[type eq "work"].postalcode', 'addresses[type eq "work"].postalCode', 'string'],
    ['urn:ietf:params:scim:schemas:core:2.0:User:username', 'userName', 'string'],
    ['URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user:Department', enterprise('department'), 'string'],
    ['costcenter', enterprise('costCenter'), 'string'],
    ['manager', managerPath, 'reference'],
    [enterprise('Manager'), managerPath, 'reference'],
    [enterprise('manager.value'), managerPath, 'reference'],
    [enterprise('manager.displayname'), enterprise('manager.displayName'), 'string'],
    [enterprise('shoeSize'), enterprise('shoeSize'), 'any'],
    ['urn:acme:1.0:User:badge', 'urn:acme:1.0:User:badge', 'any'],
    ['urn:acme:1.0:User:badges[type eq "a"].primary', 'urn:acme:1.0:User:badges[type eq "a"].primary', 'boolean'],
  ])('%s', (text, canonical, type) =>
    expect(canonicalPath('User', text)).toMatchObject({ text: canonical, type, path: parsePath(canonical) }),
  );

  test.each<[string, string]>([
    ['dispalyName', 'RFC 7643 has no attribute dispalyName'],
    [
      'name.firstName',
      'RFC 7643 gives name only formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix',
    ],
    ['urn:ietf:params:scim:schemas:core:2.0:User:department', 'RFC 7643 has no attribute department'],
  ])('%s causes a warning only', (text, warning) =>
    expect(canonicalPath('User', text)).toMatchObject({ type: 'any', warning }),
  );

  test.each<[string, PathErrorCode]>([
    ['id', 'config.attributeReadOnly'],
    ['meta.version', 'config.attributeReadOnly'],
    ['Groups', 'config.attributeReadOnly'],
    ['emails.value', 'config.attributeStructure'],
    ['name[type eq "x"].givenName', 'config.attributeStructure'],
    ['userName.value', 'config.attributeStructure'],
    ['title[type eq "x"].value', 'config.attributeStructure'],
    [enterpriseUserSchema, 'config.attributeStructure'],
    ['First Name', 'config.attributePath'],
  ])('%s is rejected', (text, code) => expect(codeOf('User', text)).toBe(code));

  test('a sub-attribute of a list is rejected with the two possible paths', () =>
    expect(() => canonicalPath('User', 'emails.value')).toThrow(
      'emails is a list; write emails for all of it or emails[type eq "work"].value for one element',
    ));
});

describe('paths of groups', () => {
  test('have their own attributes', () => {
    expect(canonicalPath('Group', 'displayname')).toMatchObject({ text: 'displayName', type: 'string' });
    expect(canonicalPath('Group', 'department')).toMatchObject({ text: 'department', warning: expect.any(String) });
    expect(codeOf('Group', 'members')).toBe('config.attributeReadOnly');
  });
});

test.each<[string, string, boolean]>([
  ['emails', 'emails[type eq "work"].value', true],
  ['emails[type eq "work"].value', 'emails', false],
  ['name', 'name.givenName', true],
  ['name.givenName', 'name.familyName', false],
  ['emails[type eq "work"].value', 'emails[type eq "home"].value', false],
  ['userName', 'USERNAME', true],
  ['urn:acme:1.0:User:title', 'title', false],
])('%s covers %s: %p', (outer, inner, expected) => expect(covers(parsePath(outer), parsePath(inner))).toBe(expected));
