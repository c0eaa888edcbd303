import { expect, test } from '@jest/globals';
import { parseLdapUrl } from '../../../../src/source/ldap/read/member-url.ts';

test.each([
  ['ldap:///ou=people,dc=x??sub?(uid=a*)', 'ou=people,dc=x', 'sub', '(uid=a*)'],
  ['LDAP:///ou=people,dc=x?cn,mail?ONE?(uid=a)', 'ou=people,dc=x', 'one', '(uid=a)'],
  ['ldap:///ou=people,dc=x', 'ou=people,dc=x', 'base', '(objectClass=*)'],
  ['ldap:///ou=people,dc=x???', 'ou=people,dc=x', 'base', '(objectClass=*)'],
  ['ldap:///ou=people,dc=x????x-ext', 'ou=people,dc=x', 'base', '(objectClass=*)'],
  ['ldap:///', '', 'base', '(objectClass=*)'],
  ['ldap:///??sub', '', 'sub', '(objectClass=*)'],
  [' ldap:///dc=x??base?(a=b) ', 'dc=x', 'base', '(a=b)'],
  ['ldap:///o=M%C3%BCller%3f,c=DE??sub?(cn=%5c2a%28)', 'o=Müller?,c=DE', 'sub', '(cn=\\2a()'],
  ['ldap:///ou=two words,dc=x??sub?(cn=a b)', 'ou=two words,dc=x', 'sub', '(cn=a b)'],
])('%s', (text, base, scope, filter) => {
  expect(parseLdapUrl(text)).toEqual({ base, scope, filter });
});

test.each([
  '',
  'dc=x',
  'http:///dc=x',
  'ldap:/dc=x',
  'ldap://dc=x',
  'ldap://other/dc=x??sub',
  'ldap://other:389/dc=x',
  'ldaps:///dc=x??sub',
  'ldapi:///dc=x',
  'ldap:///dc=x??children',
  'ldap:///dc=x??subtree',
  'ldap:///dc=x??constructor',
  'ldap:///dc=x??__proto__',
  'ldap:///dc=x??sub?(a=b)?!bindname=cn=x',
  'ldap:///dc=x??sub?(a=b)?x,!y',
  'ldap:///dc=x??sub?(a=b)?x?y',
  'ldap:///dc=%zz',
  'ldap:///dc=x??sub?(cn=%ff)',
])('%j is none that can be followed', (text) => {
  expect(parseLdapUrl(text)).toBeUndefined();
});
