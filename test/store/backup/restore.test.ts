import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { backUp } from '../../../src/store/backup/back-up.ts';
import { restore } from '../../../src/store/backup/restore.ts';
import { closeDatabase, openDatabase } from '../../../src/store/database.ts';
import { migrations } from '../../../src/store/sqlite/migrate.ts';
import { stateBefore } from '../earlier-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'scimsync-restore-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = { now: instant(1_800_000_000_000), userId: undefined };

/** A state with one target, and a waiting approval. */
function createState(name: string): string {
  const file = join(folder, name);
  const db = openDatabase(file);
  db.exec(`insert into target (name, listed, planned_reading, rules_fingerprint) values ('${name}', 5, 7, 'rules')`);
  closeDatabase(db);
  return file;
}

const targetIn = (file: string): unknown => {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('select name, listed, planned_reading, rules_fingerprint, restored_at from target').get();
  } finally {
    db.close();
  }
};

test('the restored state counts as unlisted and unplanned, and the old one is kept', () => {
  const [state, old] = [createState('current'), createState('older')];
  backUp(old, join(folder, 'backup.db'), { overwrite: false });
  const { replaced } = restore(join(folder, 'backup.db'), state, at);
  expect(targetIn(state)).toEqual({
    ...{ name: 'older', listed: null, planned_reading: 0, rules_fingerprint: '' },
    restored_at: at.now,
  });
  expect(targetIn(String(replaced))).toMatchObject({ name: 'current', listed: 5 });
});

test('a damaged state is replaced, and there may be none', () => {
  const backup = createState('source-of-backup');
  const damaged = createState('damaged');
  truncateSync(damaged, 5000);
  restore(backup, damaged, at);
  expect(targetIn(damaged)).toMatchObject({ name: 'source-of-backup' });
  expect(restore(backup, join(folder, 'new.db'), at)).toMatchObject({ replaced: undefined });
});

test.each(['0010', '0034', '0070', '0086'])('a backup from before migration %s is brought up to date', (migration) => {
  const state = join(folder, `from-${migration}.db`);
  restore(stateBefore(migration, "insert into target (name) values ('early')"), state, at);
  expect(targetIn(state)).toMatchObject({ name: 'early', restored_at: at.now });
});

describe('what is refused changes nothing', () => {
  test.each<[string, (file: string) => void, string]>([
    [
      'a newer version',
      (file) => {
        const db = openDatabase(file);
        db.pragma(`user_version = ${migrations().length + 1}`);
        closeDatabase(db);
      },
      'state.tooNew',
    ],
    ['a text', (file) => writeFileSync(file, 'some text, and no database at all'), 'state.notABackup'],
    ['a copy that was cut off', (file) => truncateSync(createStateAt(file), 6000), 'state.damaged'],
  ])('%s', (name, create, code) => {
    const state = createState(`kept-${name}`);
    const file = join(folder, name);
    create(file);
    expect(() => restore(file, state, at)).toThrow(expect.objectContaining({ code }));
    expect(targetIn(state)).toMatchObject({ name: `kept-${name}`, listed: 5 });
    expect(readdirSync(folder).filter((one) => one.includes('partial'))).toEqual([]);
  });
});

function createStateAt(file: string): string {
  closeDatabase(openDatabase(file));
  return file;
}
