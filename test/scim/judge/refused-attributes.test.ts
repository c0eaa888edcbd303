import { expect, test } from '@jest/globals';
import { managerPath } from '../../../src/model/path.ts';
import { mayConcernAttribute, namedPaths } from '../../../src/scim/judge/refused-attributes.ts';
import { toResponse } from '../../../src/scim/transport/message.ts';

const phone = 'phoneNumbers[type eq "work"].value';
const givenName = 'name.givenName';
const department = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';
const paths = ['userName', 'title', phone, givenName, department, managerPath];

test.each<[string, string[]]>([
  ['phoneNumbers holds a character that is not allowed', [phone]],
  ['Attribute Title is immutable', ['title']],
  ['name.givenName is required', [givenName]],
  ['the name is too long', []],
  ['the subtitle is too long', []],
  [`${department} has no value`, [department]],
  ['no such user: id-7', [managerPath]],
  ['title, department and userName', ['userName', 'title', department]],
  ['', []],
])('%j names %j', (detail, expected) => {
  const response = toResponse(400, {}, JSON.stringify({ detail }));
  expect(namedPaths(response, paths, (path) => (path === managerPath ? 'id-7' : undefined))).toEqual(expected);
});

test.each<[number, boolean]>([
  [400, true],
  [403, true],
  [409, true],
  [422, true],
  [500, true],
  [401, false],
  [404, false],
  [405, false],
  [412, false],
  [413, false],
  [429, false],
  [503, false],
])('a smaller request after %i: %s', (status, expected) => {
  expect(mayConcernAttribute({ status })).toBe(expected);
});
