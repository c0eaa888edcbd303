import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from '../../src/store/sqlite/migrate.ts';
import { stateFile } from './state.ts';

const folder = join(import.meta.dirname, '..', '..', 'src', 'store', 'migrations');

/** A state file as the version before a migration left it, with these rows. @param migration its number: `0070` */
export function stateBefore(migration: string, rows: string): string {
  const file = stateFile();
  const db = new Database(file);
  db.pragma('synchronous = off');
  const earlier = migrations().filter((name) => name < migration);
  for (const name of earlier) db.exec(readFileSync(join(folder, name), 'utf8'));
  db.exec(`${rows}; pragma user_version = ${earlier.length}`);
  db.close();
  return file;
}
