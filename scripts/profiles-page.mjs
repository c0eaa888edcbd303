// Writes docs/profiles.md from the JSON Schema of a profile and the built-in profiles.
//
//   node scripts/profiles-page.mjs            writes docs/profiles.md
//   node scripts/profiles-page.mjs --check    writes nothing; exits with 1 if the page is outdated
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from '../src/config/schema/json-schema.ts';
import { profileSchema } from '../src/config/schema/profile-schema.ts';
import { profilesPage } from './profiles/page.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'config', 'profiles');
const page = join(root, 'docs', 'profiles.md');
const builtIns = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));

const text = profilesPage(jsonSchema(profileSchema), builtIns);
const isStale = !existsSync(page) || readFileSync(page, 'utf8') !== text;

if (process.argv.includes('--check')) {
  if (isStale) console.error('docs/profiles.md is outdated; run "npm run schema" and commit it');
  process.exitCode = isStale ? 1 : 0;
} else {
  if (isStale) writeFileSync(page, text);
  console.log(isStale ? 'written: docs/profiles.md' : 'docs/profiles.md is up to date');
}
