import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import { closeDatabase, openCopy, openDatabase, openReadOnlyDatabase } from '../../../src/store/database.ts';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import {
  judgeStateFile,
  stateApplicationId,
  type StateFileFacts,
  type StateFileVerdict,
} from '../../../src/store/sqlite/state-file.ts';
import { oldState } from '../schema-2.ts';
import { at, atEnd, currentSchema, errorOf, stateFile } from '../state.ts';

const file = (more: Partial<Extract<StateFileFacts, { kind: 'file' }>>): StateFileFacts => ({
  kind: 'file',
  ownerId: 1000,
  size: 4096,
  header: { applicationId: stateApplicationId, isWal: false },
  ...more,
});
const header = (applicationId: number): StateFileFacts => file({ header: { applicationId, isWal: true } });

describe('what a file at the path of the state is', () => {
  test.each<[string, StateFileFacts, number | undefined, StateFileVerdict['kind'] | ErrorCode]>([
    ['nothing', { kind: 'missing' }, 1000, 'none'],
    ['an empty file', file({ size: 0, header: undefined }), 1000, 'none'],
    ['an empty file of another owner', file({ size: 0, header: undefined, ownerId: 0 }), 1000, 'state.otherOwner'],
    ['a state', file({}), 1000, 'state'],
    ['a state of another owner', file({ ownerId: 0 }), 1000, 'state.otherOwner'],
    ['a state of another owner, for root', file({}), 0, 'state.otherOwner'],
    ['a state of another owner, to read', file({ ownerId: 0 }), undefined, 'state'],
    ['a CSV file', file({ header: undefined }), 1000, 'state.notOurs'],
    ['a CSV file, to read', file({ header: undefined }), undefined, 'state.notOurs'],
    ['a database without application_id', header(0), 1000, 'unmarked'],
    ['a database of another application', header(0x0f055112), 1000, 'state.notOurs'],
    ['a symbolic link', { kind: 'symbolicLink' }, 1000, 'state.symbolicLink'],
    ['a directory', { kind: 'directory' }, undefined, 'state.notAFile'],
    ['a pipe', { kind: 'special' }, 1000, 'state.notAFile'],
  ])('%s', (_, facts, userId, expected) => {
    const verdict = judgeStateFile(facts, userId);
    expect(verdict.kind === 'refused' ? verdict.code : verdict.kind).toBe(expected);
  });
});

/** Every file of a folder: name, type and mode, time, content. */
function trace(folder: string): unknown {
  return [
    lstatSync(folder).mtimeMs,
    ...readdirSync(folder)
      .sort()
      .map((name) => {
        const path = join(folder, name);
        const { mode, mtimeMs, size } = lstatSync(path);
        return [name, mode, mtimeMs, size, lstatSync(path).isFile() ? readFileSync(path).toString('base64') : ''];
      }),
  ];
}

const opened: [string, (path: string) => unknown][] = [
  ['to write', (path) => openStore(path, process.geteuid?.())],
  ['to read', (path) => openReadOnlyDatabase(path)],
  ['as a copy', (path) => openCopy(path)],
];

describe.each(opened)('a file that is not ours is refused before anything is changed, opened %s', (_, open) => {
  const foreignDatabase = (path: string, mode: 'wal' | 'delete', version = 0): void => {
    const db = new Database(path);
    db.pragma(`journal_mode = ${mode}`);
    db.exec('create table account (x); create table pass (x); insert into pass values (1)');
    db.pragma(`user_version = ${version}`);
    db.close();
  };
  test.each<[string, ErrorCode, (path: string) => void]>([
    ['a CSV file', 'state.notOurs', (path) => writeFileSync(path, 'id,userName\n1,ada\n'.repeat(100))],
    ['a short file', 'state.notOurs', (path) => writeFileSync(path, 'x')],
    ['a CSV file with a blank line', 'state.notOurs', (path) => writeFileSync(path, '\n')],
    ['a database', 'state.notOurs', (path) => foreignDatabase(path, 'delete')],
    ['a database in WAL mode', 'state.notOurs', (path) => foreignDatabase(path, 'wal')],
    ['a database with a version of its own', 'state.notOurs', (path) => foreignDatabase(path, 'wal', 3)],
    ['a directory', 'state.notAFile', (path) => mkdirSync(path)],
    ['a pipe', 'state.notAFile', (path) => void execFileSync('mkfifo', [path])],
    ['a link to a missing file', 'state.symbolicLink', (path) => symlinkSync(`${path}.elsewhere`, path)],
    [
      'a link to a state',
      'state.symbolicLink',
      (path) => {
        closeDatabase(openDatabase(`${path}.elsewhere`));
        symlinkSync(`${path}.elsewhere`, path);
      },
    ],
  ])('%s', (_name, code, create) => {
    const path = stateFile();
    create(path);
    if (lstatSync(path).isFile()) {
      chmodSync(path, 0o644);
      utimesSync(path, 1, 1);
    }
    const before = trace(dirname(path));
    const error = errorOf(() => open(path));
    expect(error).toMatchObject({ code, exitCode: 4 });
    expect(error.message).toContain(path);
    expect(trace(dirname(path))).toEqual(before);
  });
});

test.each<[string, ErrorCode, (path: string) => void]>([
  ['-wal, a link', 'state.notAFile', (path) => symlinkSync('/dev/null', `${path}-wal`)],
  ['-shm, a directory', 'state.notAFile', (path) => mkdirSync(`${path}-shm`)],
  ['.lock, a link', 'state.lockUnusable', (path) => symlinkSync(`${path}.other`, `${path}.lock`)],
  ['.lock, with content', 'state.lockUnusable', (path) => writeFileSync(`${path}.lock`, 'id,userName\n')],
])('a file beside the state that is not ours is refused before anything is changed: %s', (_, code, create) => {
  const path = stateFile();
  create(path);
  const before = trace(dirname(path));
  expect(errorOf(() => openStore(path)).code).toBe(code);
  expect(trace(dirname(path))).toEqual(before);
});

const isRoot = process.geteuid?.() === 0;
(isRoot ? test : test.skip)('a state of another owner is refused for writing, and readable', () => {
  const path = stateFile();
  closeDatabase(openDatabase(path));
  chownSync(path, 65_534, 65_534);
  const before = trace(dirname(path));
  expect(errorOf(() => openStore(path, 0)).code).toBe('state.otherOwner');
  openReadOnlyStore(path)?.close();
  expect(trace(dirname(path))).toEqual(before);
});

describe('a state', () => {
  test('has our application_id, and no file beside it at rest', () => {
    const path = stateFile();
    closeDatabase(openDatabase(path));
    expect(readdirSync(dirname(path))).toEqual(['state.db']);
    const db = new Database(path, { readonly: true });
    atEnd(() => db.close());
    expect(db.pragma('application_id', { simple: true })).toBe(stateApplicationId);
  });

  test('of an older version is recognised by its tables, and gets the application_id', () => {
    const { file: path } = oldState();
    closeDatabase(openDatabase(path, process.geteuid?.()));
    expect(readFileSync(path).readUInt32BE(68)).toBe(stateApplicationId);
  });

  test('whose creation was interrupted is created', () => {
    const path = stateFile();
    const db = new Database(path);
    db.pragma('journal_mode = wal');
    db.close();
    closeDatabase(openDatabase(path));
    expect(readFileSync(path).readUInt32BE(60)).toBe(currentSchema);
  });
});

describe('a reader leaves no trace', () => {
  const readers: [string, (path: string) => void][] = [
    ['that reads', (path) => openReadOnlyDatabase(path)?.close()],
    [
      'that asks for the holder',
      (path) => {
        const view = openReadOnlyStore(path);
        view?.holder();
        view?.close();
      },
    ],
    [
      'that works on a copy',
      (path) => {
        const db = openCopy(path);
        db.exec(`insert into pass (command, started) values ('plan', 1)`);
        db.close();
      },
    ],
  ];
  const states: [string, (path: string) => void | Promise<void>][] = [
    ['without a state', () => undefined],
    ['at an empty file', (path) => writeFileSync(path, '')],
    ['at rest', (path) => closeDatabase(openDatabase(path))],
    [
      'at rest, of an earlier version in WAL mode',
      (path) => {
        const db = openDatabase(path);
        db.pragma('journal_mode = wal');
        db.pragma('application_id = 0');
        db.close();
      },
    ],
    [
      'after a pass that held the lock',
      async (path) => {
        const store = openStore(path);
        await (await store.lock({ pid: 1, host: 'h', command: 'sync', since: at(0) })).release();
        store.close();
      },
    ],
  ];
  for (const [state, create] of states)
    test.each(readers)(`${state}, %s`, async (_, run) => {
      const path = stateFile();
      await create(path);
      const before = trace(dirname(path));
      run(path);
      expect(trace(dirname(path))).toEqual(before);
    });
});

describe('a copy', () => {
  const passes = (db: Database.Database): unknown => db.prepare('select command from pass').pluck().all();
  const insert = (db: Database.Database, command: string): void =>
    void db.prepare('insert into pass (command, started) values (?, 1)').run(command);

  test('holds what was committed last, beside an open transaction', () => {
    const path = stateFile();
    const writer = openDatabase(path);
    atEnd(() => closeDatabase(writer));
    insert(writer, 'first');
    writer.exec('begin immediate');
    insert(writer, 'open');
    const copy = openCopy(path);
    atEnd(() => copy.close());
    insert(copy, 'plan');
    expect(passes(copy)).toEqual(['first', 'plan']);
    writer.exec('commit');
    expect(passes(writer)).toEqual(['first', 'open']);
  });

  test('recovers what a killed process committed', () => {
    const path = stateFile();
    const writer = openDatabase(path);
    writer.pragma('journal_mode = wal');
    insert(writer, 'first');
    const other = join(dirname(path), 'killed.db');
    writeFileSync(other, readFileSync(path));
    writeFileSync(`${other}-wal`, readFileSync(`${path}-wal`));
    closeDatabase(writer);
    const before = trace(dirname(path));
    const copy = openCopy(other, { temporaryFolder: stateFile().replace(/state.db$/, '') });
    expect(passes(copy)).toEqual(['first']);
    copy.close();
    expect(trace(dirname(path))).toEqual(before);
  });

  test('of a large state is a temporary file, which is removed with it', () => {
    const path = stateFile();
    const writer = openDatabase(path);
    insert(writer, 'first');
    writer.exec('create table filler (x); insert into filler values (zeroblob(40000000))');
    closeDatabase(writer);
    const temporaryFolder = dirname(stateFile());
    const copy = openCopy(path, { temporaryFolder });
    expect(readdirSync(temporaryFolder)).toHaveLength(1);
    expect(passes(copy)).toEqual(['first']);
    copy.close();
    expect(readdirSync(temporaryFolder)).toEqual([]);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});
