import { readdirSync, statSync } from 'node:fs';
import { expect } from '@jest/globals';
import { everythingIn, type Run } from '../scimsync.ts';
import { expectCode, writes } from '../setup.ts';
import type { DirectoryDesk } from './desk.ts';
import { kept } from './kept.ts';

/** What a command said to whoever started it, without the log: nothing where all went well. */
export const complaint = (run: Run): string =>
  run.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
    .join('\n');

/** The red line that `check` has about the source. */
export const verdict = (run: Run): readonly string[] =>
  run.stdout.split('\n').filter((line) => line.startsWith('source: '));

/** Both read in the same way, and each costs a process: they take turns. */
const commands = ['sync', 'plan'];
let turn = 0;

/** A pass or a dry run fails, with exactly this to read; nothing is planned, nothing is asked of the application, nothing is remembered otherwise. */
export async function expectRefusal(
  at: DirectoryDesk,
  sentence: string,
  { code = 1, secrets = [] }: { readonly code?: number; readonly secrets?: readonly string[] } = {},
): Promise<void> {
  const before = kept(at.desk);
  at.app.log.splice(0);
  const command = commands[turn++ % commands.length] ?? '';
  const run = await at.desk.run(command, '--json');
  expectCode(run, code);
  expect([command, complaint(run)]).toEqual([command, sentence]);
  expect(run.stdout).toBe('');
  expectNoSecret(at, run, secrets);
  expect(at.app.log).toEqual([]);
  expect(kept(at.desk)).toEqual(before);
}

/** One pass fails so; for what can be made to happen only once. */
export async function expectOneRefusal(at: DirectoryDesk, sentence: string | RegExp): Promise<void> {
  const before = kept(at.desk);
  at.app.log.splice(0);
  const run = await at.pass();
  expectCode(run, 1);
  if (typeof sentence === 'string') expect(complaint(run)).toBe(sentence);
  else expect(complaint(run)).toMatch(sentence);
  expect(run.stdout).toBe('');
  expect(at.app.log).toEqual([]);
  expect(kept(at.desk)).toEqual(before);
}

/** The directory did not change, and whatever happened meanwhile, nobody notices now. */
export async function expectNoNews(at: DirectoryDesk): Promise<void> {
  at.app.log.splice(0);
  expectCode(await at.pass('--full'), 0);
  expect(writes(at.app.log)).toEqual([]);
}

/** Neither in what was printed, nor in the state, its write-ahead log or anything else that was written here; the configuration's own files aside. */
export function expectNoSecret({ desk }: DirectoryDesk, run: Run, secrets: readonly string[]): void {
  const written = readdirSync(desk.folder)
    .filter((name) => name.startsWith('scimsync.db'))
    .map((name) => desk.path(name))
    .filter((path) => statSync(path).isFile());
  const all = `${run.stdout}\n${run.stderr}\n${everythingIn(written)}`;
  for (const secret of secrets)
    for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(all.includes(form)).toBe(false);
}
