import { expect, test } from '@jest/globals';
import { diskFailure } from '../../../src/store/sqlite/disk-failure.ts';

test.each([
  ['SQLITE_FULL', undefined, 'state.noSpace'],
  ['SQLITE_IOERR_WRITE', undefined, 'state.ioError'],
  ['SQLITE_READONLY_DBMOVED', undefined, 'state.notWritable'],
  ['SQLITE_CANTOPEN', undefined, 'state.notWritable'],
  ['ENOSPC', '/var/s.db-wal', 'state.noSpace'],
  ['EDQUOT', '/var/s.db', 'state.noSpace'],
  ['EROFS', '/var/s.db.lock', 'state.notWritable'],
  // Errors of other files, and other errors of SQLite.
  ['EACCES', '/etc/page.html', undefined],
  ['SQLITE_CONSTRAINT', undefined, undefined],
  [undefined, undefined, undefined],
])('%s at %s: %s', (code, path, expected) => {
  const failure = diskFailure('/var/s.db', Object.assign(new Error('no'), { code, path }));
  expect(failure?.code).toBe(expected);
  expect(failure?.exitCode).toBe(expected === undefined ? undefined : 1);
});
