// Writes the schema of a new state, src/store/migrations/current/schema.sql, from all migrations.
//
//   node scripts/state-schema.mjs            writes the file
//   node scripts/state-schema.mjs --check    writes nothing; exits with 1 if the file is outdated
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from '../src/store/sqlite/migrate.ts';

const folder = join(import.meta.dirname, '..', 'src', 'store', 'migrations');
const file = join(folder, 'current', 'schema.sql');

const text = schemaOf(migrations());
const isStale = !existsSync(file) || readFileSync(file, 'utf8') !== text;

if (process.argv.includes('--check')) {
  if (isStale) console.error('the schema of a new state is outdated; run "npm run schema" and commit it');
  process.exitCode = isStale ? 1 : 0;
} else {
  mkdirSync(dirname(file), { recursive: true });
  if (isStale) writeFileSync(file, text);
  console.log(isStale ? 'written: src/store/migrations/current/schema.sql' : 'the schema of the state is up to date');
}

function schemaOf(names) {
  const db = new Database(':memory:');
  for (const name of names) db.exec(readFileSync(join(folder, name), 'utf8'));
  const statements = db
    .prepare(`select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by rowid`)
    .pluck()
    .all();
  const applicationId = db.pragma('application_id', { simple: true });
  db.close();
  const header = '-- What all migrations lead to. Written by scripts/state-schema.mjs; change it by a migration.\n';
  return [header, `pragma application_id = ${applicationId};\n`, ...statements.map((sql) => `${sql};\n`)].join('\n');
}
