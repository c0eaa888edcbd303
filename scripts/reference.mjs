// Writes docs/reference/ from the code: the commands with their options and exit codes, and the keys of the
// configuration.
//
//   node scripts/reference.mjs            writes docs/reference/commands.md and docs/reference/configuration.md
//   node scripts/reference.mjs --check    writes nothing; exits with 1 if one of them is outdated
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram } from '../src/cli/program.ts';
import { exitCodeMeanings } from '../src/cli/program/exit-codes.ts';
import { configSchema } from '../src/config/schema/config-schema.ts';
import { jsonSchema } from '../src/config/schema/json-schema.ts';
import { commandsPage } from './reference/commands-page.ts';
import { configurationPage } from './reference/configuration-page.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'reference');
const program = buildProgram(() => () => undefined, {
  commandLine: '',
  stop: new AbortController().signal,
  setExitCode: () => undefined,
  onSecrets: () => undefined,
});
const pages = [
  { name: 'commands.md', text: commandsPage(program, exitCodeMeanings) },
  { name: 'configuration.md', text: configurationPage(jsonSchema(configSchema)) },
];
const stale = pages.filter(({ name, text }) => text !== read(join(folder, name)));

if (process.argv.includes('--check')) {
  for (const { name } of stale)
    console.error(`docs/reference/${name} is outdated: a command or a key changed; run "npm run schema" and commit it`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of stale) writeFileSync(join(folder, name), text);
  console.log(
    stale.length === 0
      ? 'the reference is up to date'
      : `written: ${stale.map(({ name }) => `docs/reference/${name}`).join(', ')}`,
  );
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
