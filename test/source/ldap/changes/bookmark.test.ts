import { expect, test } from '@jest/globals';
import { readBookmark, writeBookmark, type Bookmark } from '../../../../src/source/ldap/changes/bookmark.ts';

test.each<Bookmark>([
  { method: 'sync', cookies: { users: 'cmlkPTAwMA==', 'containers dc=x': '' } },
  { method: 'sync', cookies: {} },
  { method: 'dirSync', cookie: 'TVNEUw==' },
  { method: 'syncLog', cookies: { 'dc=x': 'YQ==' }, version: '020261125' },
  { method: 'usn', controller: 'CN=NTDS Settings,CN=DC1', invocation: 'c29tZQ==', usn: '9223372036854775807' },
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
  '{"method":"retroChangelog","last":5}',
  '{"method":"sync"}',
  '{"method":"sync","cookies":null}',
  '{"method":"sync","cookies":{"users":5}}',
  '{"method":"dirSync"}',
  '{"method":"dirSync","cookie":5}',
  '{"method":"usn","controller":"x","usn":"5"}',
  '{"method":"usn","controller":"x","invocation":"y"}',
  '{"method":"usn","usn":"5"}',
  '{"method":"usn","controller":"x","invocation":"y","usn":"five"}',
  '{"method":"usn","controller":"x","invocation":"y","usn":5}',
])('%s is none: everything is read', (text) => {
  expect(readBookmark(text)).toBeUndefined();
});
