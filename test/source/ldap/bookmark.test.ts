import { expect, test } from '@jest/globals';
import { readBookmark, writeBookmark, type Bookmark } from '../../../src/source/ldap/bookmark.ts';

test.each<Bookmark>([
  { way: 'sync', cookies: { users: 'cmlkPTAwMA==', 'containers dc=x': '' } },
  { way: 'sync', cookies: {} },
  { way: 'dirSync', cookie: 'TVNEUw==' },
  { way: 'syncLog', cookies: { 'dc=x': 'YQ==' }, version: '020261125' },
  { way: 'usn', controller: 'CN=NTDS Settings,CN=DC1', invocation: 'c29tZQ==', usn: '9223372036854775807' },
])('%j comes back', (bookmark) => {
  expect(readBookmark(writeBookmark(bookmark))).toEqual(bookmark);
});

test.each([
  undefined,
  '',
  'null',
  '5',
  '[]',
  '{',
  '{}',
  '"sync"',
  '{"way":"retroChangelog","last":5}',
  '{"way":"sync"}',
  '{"way":"sync","cookies":null}',
  '{"way":"sync","cookies":{"users":5}}',
  '{"way":"dirSync"}',
  '{"way":"dirSync","cookie":5}',
  '{"way":"usn","controller":"x","usn":"5"}',
  '{"way":"usn","controller":"x","invocation":"y"}',
  '{"way":"usn","usn":"5"}',
  '{"way":"usn","controller":"x","invocation":"y","usn":"five"}',
  '{"way":"usn","controller":"x","invocation":"y","usn":5}',
])('%s is none: everything is read', (text) => {
  expect(readBookmark(text)).toBeUndefined();
});
