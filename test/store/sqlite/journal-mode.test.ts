import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openCopy, openDatabase, openReadOnlyDatabase } from '../../../src/store/database.ts';
import { atEnd, person, read, state, stateFile } from '../state.ts';

/** More than the cache of pages, so that SQLite writes to the file before the commit. */
const manyPages = 40_000_000;

test('the first reading is written in rollback mode, the next ones in WAL mode', async () => {
  const one = state();
  await one.store.reading(() => Promise.resolve());
  await read(one, { users: [person('ada')] });
  expect(existsSync(`${one.file}-wal`)).toBe(false);
  await read(one, { users: [person('ada'), person('bob')] });
  expect(existsSync(`${one.file}-wal`)).toBe(true);
  expect(one.ask('select key from record order by id')).toEqual(['ada', 'bob']);
});

test('a process that is killed while it writes the first reading leaves the old state', () => {
  const path = stateFile();
  const writer = openDatabase(path);
  atEnd(() => writer.close());
  const killed = join(dirname(path), 'killed.db');
  writer.exec(`begin immediate;
    insert into pass (command, started) values ('sync', 1);
    create table filler (x);
    insert into filler values (zeroblob(${manyPages}))`);
  for (const ending of ['', '-journal']) writeFileSync(killed + ending, readFileSync(path + ending));
  const temporaryFolder = dirname(stateFile());
  for (const db of [
    openReadOnlyDatabase(killed, { temporaryFolder }),
    openCopy(killed, { temporaryFolder }),
    openDatabase(killed),
  ]) {
    expect(db?.prepare('select count(*) from pass').pluck().get()).toBe(0);
    db?.close();
  }
});
