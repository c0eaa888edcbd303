import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from '@jest/globals';
import { requireSoundState } from '../../../src/store/sqlite/damage.ts';

test('only a state of at most the given size is checked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-damage-'));
  try {
    const file = damagedDatabase(join(folder, 'state.db'));
    const size = readFileSync(file).length;
    const db = new Database(file, { readonly: true });
    expect(() => requireSoundState(db, file)).toThrow('is damaged');
    expect(() => requireSoundState(db, file, size)).toThrow('is damaged');
    expect(() => requireSoundState(db, file, size - 1)).not.toThrow();
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The last page of its only table has content of another kind. */
function damagedDatabase(file: string): string {
  const db = new Database(file);
  db.exec('create table item (text text)');
  for (let row = 0; row < 100; row += 1) db.prepare('insert into item values (?)').run('x'.repeat(1000));
  db.close();
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xff, bytes.length - 4096));
  return file;
}
