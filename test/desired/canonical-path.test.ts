import { describe, expect, test } from '@jest/globals';
import { canonicalPath, covers, type CanonicalPath } from '../../src/desired/canonical-path.ts';
import { enterpriseUserSchema, managerPath, parsePath, PathSyntaxError } from '../../src/model/path.ts';

const enterprise = (rest: string): string => `${enterpriseUserSchema}:${rest}`;

describe('paths of people', () => {
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
  ])('%s is warned of, not refused', (text, warning) =>
    expect(canonicalPath('User', text)).toMatchObject({ type: 'any', warning }),
  );

  test.each<[string, RegExp]>([
    ['id', /cannot be mapped/],
    ['meta.version', /cannot be mapped/],
    ['Groups', /cannot be mapped/],
    ['emails.value', /emails is a list; write emails for all of it or emails\[type eq "work"\]\.value/],
    ['name[type eq "x"].givenName', /name is not a list/],
    ['userName.value', /userName is a single value/],
    ['title[type eq "x"].value', /title is a single value/],
    [enterpriseUserSchema, /names a schema/],
    ['First Name', /not a SCIM attribute path/],
  ])('%s is refused', (text, message) => {
    expect(() => canonicalPath('User', text)).toThrow(PathSyntaxError);
    expect(() => canonicalPath('User', text)).toThrow(message);
  });
});

describe('paths of groups', () => {
  test('have their own attributes', () => {
    expect(canonicalPath('Group', 'displayname')).toMatchObject({ text: 'displayName', type: 'string' });
    expect(canonicalPath('Group', 'department')).toMatchObject({ text: 'department', warning: expect.any(String) });
    expect(() => canonicalPath('Group', 'members')).toThrow('cannot be mapped');
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
