import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { OperatorError } from '../../src/model/errors.ts';
import { openDatabase, openReadOnlyDatabase } from '../../src/store/database.ts';
import { at, atEnd, currentSchema, dump, person, read, state, stateFile, tables } from './state.ts';

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe("the state is its owner's alone", () => {
  test('every file of it', async () => {
    const one = state();
    const lock = one.store.lock({ pid: 1, host: 'h', command: 'sync', since: at(0) });
    await read(one, { users: [person('ada')] });
    const files = ['', '-wal', '-shm', '.lock'].map((ending) => one.file + ending);
    expect(files.map((file) => [file, existsSync(file) && modeOf(file)])).toEqual(files.map((file) => [file, '600']));
    lock.release();
  });

  test('a file that others could read is closed to them', () => {
    const file = stateFile();
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    openDatabase(file).close();
    expect(modeOf(file)).toBe('600');
  });

  test('a folder that is missing is made', () => {
    const file = join(dirname(stateFile()), 'a', 'b', 'state.db');
    openDatabase(file).close();
    expect(modeOf(file)).toBe('600');
  });
});

describe('the tables', () => {
  test('are brought up to date once', async () => {
    const one = state();
    await read(one, { users: [person('ada')] });
    const before = dump(one.db);
    const again = openDatabase(one.file);
    expect(dump(again)).toEqual(before);
    again.close();
  });

  test('survive the end of the process in the middle of a pass: what was committed is there', async () => {
    const file = stateFile();
    const first = openDatabase(file);
    first.exec(`insert into pass (command, started) values ('sync', 1)`);
    // Neither closed nor checkpointed: another connection sees it all the same.
    const second = openDatabase(file);
    expect(second.prepare('select command from pass').pluck().all()).toEqual(['sync']);
    second.close();
    first.close();
  });

  test('refuse what points to nothing', () => {
    expect(() => tables().exec(`insert into pass_target (pass, target, summary) values (7, 7, '{}')`)).toThrow(
      'FOREIGN KEY',
    );
  });
});

describe('a file that is no state of ours is refused in a sentence', () => {
  const opened: [string, (file: string) => unknown, string][] = [
    ['to work with', openDatabase, 'opened'],
    ['to ask', openReadOnlyDatabase, 'read'],
  ];

  test.each(opened)('a newer one, %s', (_, open) => {
    const file = stateFile();
    const db = openDatabase(file);
    db.pragma('user_version = 99');
    db.close();
    expect(() => open(file)).toThrow(
      new OperatorError(
        'state.tooNew',
        `the state file ${file} was written by a newer scimsync (schema 99, this one knows ${currentSchema}); ` +
          'use that version, or another state file',
      ),
    );
    const after = new Database(file);
    atEnd(() => after.close());
    expect(after.pragma('user_version', { simple: true })).toBe(99);
  });

  test.each(opened)('something else, %s', (_, open, verb) => {
    const file = stateFile();
    writeFileSync(file, 'id,userName\n1,ada\n'.repeat(100));
    expect(() => open(file)).toThrow(OperatorError);
    expect(() => open(file)).toThrow(
      new RegExp(`^the state file ${file} cannot be ${verb}: .*file is not a database$`),
    );
  });

  test('a folder', () => {
    const folder = dirname(stateFile());
    expect(() => openDatabase(folder)).toThrow(/^the state file .* cannot be opened: /);
    expect(() => openDatabase(folder)).toThrow(OperatorError);
  });
});

test('there is nothing to ask where there is no state yet', () => {
  const file = stateFile();
  expect(openReadOnlyDatabase(file)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, '');
  expect(openReadOnlyDatabase(file)).toBeUndefined();
});

test('a read-only connection cannot write', () => {
  expect(() => state().db.exec('delete from record')).toThrow('readonly');
});
