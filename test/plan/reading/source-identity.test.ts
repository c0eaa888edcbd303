import { relative } from 'node:path';
import { expect, test } from '@jest/globals';
import type { SourceIdentity } from '../../../src/model/reading/source-identity.ts';
import { judgeSourceIdentity } from '../../../src/plan/reading/source-identity.ts';

const csv = (file: string): SourceIdentity => ({ type: 'csv', file });
/** As this version writes it: the state in `stateFolder`, the users in `folder`/people.csv beside the configuration. */
const csvIn = (stateFolder: string, folder: string): SourceIdentity => ({
  type: 'csv',
  file: 'people.csv',
  fromState: relative(stateFolder, `${folder}/people.csv`),
  path: `${folder}/people.csv`,
});
const ldap = (base: string, ...hosts: readonly string[]): SourceIdentity => ({ type: 'ldap', hosts, base });

test.each<[string, SourceIdentity | undefined, SourceIdentity | undefined, boolean]>([
  ['the same file', csv('people.csv'), csv('people.csv'), true],
  ['a renamed file', csv('people.csv'), csv('staff.csv'), false],
  ['a file of the same name in another folder', csvIn('/a', '/a'), csvIn('/a', '/a/b'), false],
  ['a file of the same name beside the state', csvIn('/a/state', '/a/hr'), csvIn('/a/state', '/a/state'), false],
  ['a move of the whole folder', csvIn('/a', '/a'), csvIn('/b', '/b'), true],
  ['a move of a folder with the state in a folder of its own', csvIn('/a/var', '/a'), csvIn('/b/var', '/b'), true],
  ['a move of the state alone', csvIn('/a', '/a'), csvIn('/var/lib', '/a'), true],
  ['a state with the relative form of an earlier version', csv('people.csv'), csvIn('/a', '/a/b'), true],
  ['a state with the absolute form of an earlier version', csv('/mnt/people.csv'), csv('/mnt/people.csv'), true],
  ['another file than an earlier version stored', csv('staff.csv'), csvIn('/a', '/a'), false],
  ['a directory instead of a file', csv('people.csv'), ldap('dc=x', 'a'), false],
  ['a file instead of a directory', ldap('dc=x', 'a'), csv('people.csv'), false],
  ['the same directory', ldap('dc=x', 'a'), ldap('DC=x', 'a'), true],
  ['the same base with blanks', ldap('ou=p,dc=x', 'a'), ldap('OU = p, DC = x', 'a'), true],
  ['another base', ldap('ou=p,dc=x', 'a'), ldap('ou=q,dc=x', 'a'), false],
  ['a server was added', ldap('dc=x', 'a'), ldap('dc=x', 'b', 'a'), true],
  ['one of two servers was replaced', ldap('dc=x', 'a', 'b'), ldap('dc=x', 'b', 'c'), true],
  ['all servers are other ones', ldap('dc=x', 'a', 'b'), ldap('dc=x', 'c'), false],
  ['a state of an earlier version', undefined, csv('people.csv'), true],
  ['a source without identity', csv('people.csv'), undefined, true],
])('%s', (_, before, now, isSame) => {
  const codes = judgeSourceIdentity(before, now).map(({ code }) => code);
  expect(codes).toEqual(isSame ? [] : ['source.changed']);
});
