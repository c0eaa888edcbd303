import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { openCopy, openDatabase, openReadOnlyDatabase } from '../../src/store/database.ts';
import { at, atEnd, currentSchema, dump, errorOf, person, read, state, stateFile, tables } from './state.ts';

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe('only the owner may read the state file', () => {
  test('and all files beside it', async () => {
    const one = state();
    const lock = await one.store.lock({ pid: 1, host: 'h', command: 'sync', since: at(0) });
    await read(one, { users: [person('ada')] });
    await read(one, { users: [person('ada'), person('bob')] });
    const files = ['', '-wal', '-shm', '.lock'].map((ending) => one.file + ending);
    expect(files.map((file) => [file, existsSync(file) && modeOf(file)])).toEqual(files.map((file) => [file, '600']));
    await lock.release();
  });

  test('permissions of other users on an existing file are removed', () => {
    const file = stateFile();
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    openDatabase(file).close();
    expect(modeOf(file)).toBe('600');
  });

  test('a missing folder is created', () => {
    const file = join(dirname(stateFile()), 'a', 'b', 'state.db');
    openDatabase(file).close();
    expect(modeOf(file)).toBe('600');
  });
});

describe('the schema', () => {
  test('is not migrated again', async () => {
    const one = state();
    await read(one, { users: [person('ada')] });
    const before = dump(one.db);
    const again = openDatabase(one.file);
    expect(dump(again)).toEqual(before);
    again.close();
  });

  test('a committed change survives a crash', async () => {
    const file = stateFile();
    const first = openDatabase(file);
    first.exec(`insert into pass (command, started) values ('sync', 1)`);
    // The first connection is neither closed nor checkpointed.
    const second = openDatabase(file);
    expect(second.prepare('select command from pass').pluck().all()).toEqual(['sync']);
    second.close();
    first.close();
  });

  test('enforces foreign keys', () => {
    expect(() => tables().exec(`insert into pass_target (pass, target, summary) values (7, 7, '{}')`)).toThrow(
      'FOREIGN KEY',
    );
  });
});

describe('a file that is not a state file of this version is rejected', () => {
  const opened: [string, (file: string) => unknown][] = [
    ['read-write', openDatabase],
    ['read-only', openReadOnlyDatabase],
    ['as a copy', openCopy],
  ];

  test.each(opened)('a state file of a newer version, opened %s', (_, open) => {
    const file = stateFile();
    const db = openDatabase(file);
    db.pragma('user_version = 99');
    db.close();
    const error = errorOf(() => open(file));
    expect(error).toMatchObject({ code: 'state.tooNew', exitCode: 1 });
    expect(error.message).toContain(`schema 99, this one knows ${currentSchema}`);
    const after = new Database(file);
    atEnd(() => after.close());
    expect(after.pragma('user_version', { simple: true })).toBe(99);
  });
});

test('a read-only connection does not create a missing or empty state file', () => {
  const file = stateFile();
  expect(openReadOnlyDatabase(file)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, '');
  expect(openReadOnlyDatabase(file)).toBeUndefined();
});

test('a read-only connection cannot write', () => {
  expect(() => state().db.exec('delete from record')).toThrow('readonly');
});
