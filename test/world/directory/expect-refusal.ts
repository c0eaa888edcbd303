import { readdirSync, statSync } from 'node:fs';
import { expect } from '@jest/globals';
import { contentsOf, type CliResult } from '../cli-workspace.ts';
import { expectExitCode, writes } from '../fixture.ts';
import type { DirectoryFixture } from './directory-fixture.ts';
import { storedState } from './stored-state.ts';

/** What a command said to whoever started it, without the log: nothing where all went well. */
export const errorOutput = (run: CliResult): string =>
  run.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
    .join('\n');

/** The red line that `check` has about the source. */
export const sourceVerdict = (run: CliResult): readonly string[] =>
  run.stdout.split('\n').filter((line) => line.startsWith('source: '));

/** Both read in the same way, and each costs a process: they take turns. */
const commands = ['sync', 'plan'];
let turn = 0;

/** A pass or a dry run fails, with exactly this to read; nothing is planned, nothing is asked of the application, nothing is remembered otherwise. */
export async function expectRefusal(
  at: DirectoryFixture,
  sentence: string,
  { code = 1, secrets = [] }: { readonly code?: number; readonly secrets?: readonly string[] } = {},
): Promise<void> {
  const before = storedState(at.cli);
  at.app.log.splice(0);
  const command = commands[turn++ % commands.length] ?? '';
  const run = await at.cli.run(command, '--json');
  expectExitCode(run, code);
  expect([command, errorOutput(run)]).toEqual([command, sentence]);
  expect(run.stdout).toBe('');
  expectNoSecret(at, run, secrets);
  expect(at.app.log).toEqual([]);
  expect(storedState(at.cli)).toEqual(before);
}

/** One pass fails so; for what can be made to happen only once. */
export async function expectOneRefusal(at: DirectoryFixture, sentence: string | RegExp): Promise<void> {
  const before = storedState(at.cli);
  at.app.log.splice(0);
  const run = await at.pass();
  expectExitCode(run, 1);
  if (typeof sentence === 'string') expect(errorOutput(run)).toBe(sentence);
  else expect(errorOutput(run)).toMatch(sentence);
  expect(run.stdout).toBe('');
  expect(at.app.log).toEqual([]);
  expect(storedState(at.cli)).toEqual(before);
}

/** The directory did not change, and whatever happened meanwhile, nobody notices now. */
export async function expectNoChanges(at: DirectoryFixture): Promise<void> {
  at.app.log.splice(0);
  expectExitCode(await at.pass('--full'), 0);
  expect(writes(at.app.log)).toEqual([]);
}

/** Neither in what was printed, nor in the state, its write-ahead log or anything else that was written here; the configuration's own files aside. */
export function expectNoSecret({ cli }: DirectoryFixture, run: CliResult, secrets: readonly string[]): void {
  const written = readdirSync(cli.folder)
    .filter((name) => name.startsWith('scimsync.db'))
    .map((name) => cli.path(name))
    .filter((path) => statSync(path).isFile());
  const all = `${run.stdout}\n${run.stderr}\n${contentsOf(written)}`;
  for (const secret of secrets)
    for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(all.includes(form)).toBe(false);
}
