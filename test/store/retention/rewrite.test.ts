import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from '@jest/globals';
import { openReadOnlyStore } from '../../../src/store/read-only-store.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';
import { atEnd, stateFile } from '../state.ts';

/** A state as an older version left it: without pages for a later shrinking, and mostly free. @returns its file */
function mostlyFree(): string {
  const file = stateFile();
  openStore(file).close();
  const db = new Database(file);
  db.exec('pragma auto_vacuum = none; vacuum; create table filler (text text)');
  const insert = db.prepare('insert into filler values (?)');
  db.transaction(() => {
    for (let row = 0; row < 3000; row += 1) insert.run('x'.repeat(3000));
  })();
  db.exec('drop table filler');
  db.close();
  return file;
}

test('a state of an older version gives its free space back, and shrinks by itself from then on', async () => {
  const file = mostlyFree();
  const size = statSync(file).size;
  const view = openReadOnlyStore(file);
  expect(view?.stuckBytes()).toBeGreaterThan(size * 0.8);
  view?.close();
  const store = openStore(file);
  atEnd(() => store.close());
  const { bytesBefore, bytesAfter } = await store.retention.rewrite();
  expect(bytesBefore).toBe(size);
  expect(bytesAfter).toBeLessThan(size * 0.2);
  store.close();
  expect(statSync(file).size).toBe(bytesAfter);
  const after = openReadOnlyStore(file);
  expect(after?.stuckBytes()).toBe(0);
  expect(after?.knownTargets()).toEqual([]);
  after?.close();
});
