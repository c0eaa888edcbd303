// Writes the JSON Schemas of the configuration and of profiles; editors complete and check these files with them.
//
//   node scripts/schema.mjs            writes config/sync.schema.json and config/profile.schema.json
//   node scripts/schema.mjs --check    writes nothing; exits with 1 if one of them is outdated
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFiles } from '../src/config/schema/schema-files.ts';

const folder = join(import.meta.dirname, '..', 'config');
const stale = schemaFiles().filter(({ name, text }) => text !== read(join(folder, name)));

if (process.argv.includes('--check')) {
  for (const { name } of stale) console.error(`config/${name} is outdated; run "npm run schema" and commit it`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { name, text } of stale) writeFileSync(join(folder, name), text);
  console.log(
    stale.length === 0
      ? 'the schemas are up to date'
      : `written: ${stale.map(({ name }) => `config/${name}`).join(', ')}`,
  );
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
