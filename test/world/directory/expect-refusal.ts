import { readdirSync, statSync } from 'node:fs';
import { expect } from '@jest/globals';
import { readingErrorCodes, type ErrorCode } from '../../../src/model/error-codes.ts';
import { contentsOf, type CliResult } from '../cli-workspace.ts';
import { expectExitCode, writes } from '../fixture.ts';
import type { DirectoryFixture } from './directory-fixture.ts';
import { storedState } from './stored-state.ts';

/** What a command printed on standard error besides the log; empty after success. */
export const errorOutput = (run: CliResult): string =>
  run.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
    .join('\n');

/** The lines of `check` about the source. */
export const sourceVerdict = (run: CliResult): readonly string[] =>
  run.stdout.split('\n').filter((line) => line.startsWith('source: '));

/** Both read the source in the same way. They alternate, because each run starts a process. */
const commands = ['sync', 'plan'];
let turn = 0;

/** How a command fails: the code of its error, or the possible ones, and texts that the message must contain. */
export interface Refusal {
  readonly code: ErrorCode | readonly ErrorCode[];
  readonly mentions?: readonly string[];
}

interface RefusalOptions {
  readonly exitCode?: number;
  readonly secrets?: readonly string[];
  /** Further arguments of the command. */
  readonly flags?: readonly string[];
  /** Codes of the judgements that these flags accept. */
  readonly accepted?: readonly string[];
}

/**
 * `sync` or `plan` fails as expected: it prints one error and no secret, sends no request to the application, and
 * leaves the state unchanged.
 */
export async function expectRefusal(
  at: DirectoryFixture,
  refusal: Refusal,
  options: RefusalOptions = {},
): Promise<void> {
  const command = commands[turn++ % commands.length] ?? '';
  await expectFailure(at, [command, '--json'], refusal, options);
}

/**
 * The configuration has another base or host than the state, which is refused before the directory receives a byte.
 * After an operator accepts that, the command still fails as expected.
 */
export async function expectRefusalOfOtherSource(
  at: DirectoryFixture,
  refusal: Refusal,
  options: RefusalOptions = {},
): Promise<void> {
  await expectRefusal(at, { code: 'source.changed' });
  await expectRefusal(at, refusal, { ...options, flags: ['--accept-source'], accepted: ['source.changed'] });
}

/** One pass fails as expected; for failures that cannot be repeated. */
export async function expectOneRefusal(at: DirectoryFixture, refusal: Refusal): Promise<void> {
  await expectFailure(at, ['sync', '--json'], refusal, {});
}

async function expectFailure(
  at: DirectoryFixture,
  args: readonly string[],
  refusal: Refusal,
  { exitCode = 1, secrets = [], flags = [], accepted = [] }: RefusalOptions,
): Promise<void> {
  const before = storedState(at.cli);
  at.app.log.splice(0);
  const run = await at.cli.run(...args, ...flags);
  expectExitCode(run, exitCode);
  const code = expectError(run, refusal);
  if (code in readingErrorCodes) expectRefusedReading(run, code);
  else
    expect(run.lines).toMatchObject(
      accepted.map((judgement) => ({ type: 'reading', refused: false, judgements: [{ code: judgement }] })),
    );
  expectNoSecret(at, run, secrets);
  expect(at.app.log).toEqual([]);
  expect(storedState(at.cli)).toEqual(before);
}

/** Standard output has exactly one line: the refused reading. Its first refusing judgement has this code. */
function expectRefusedReading({ stdout }: CliResult, code: string): void {
  expect(stdout.split('\n')).toEqual([expect.any(String), '']);
  const line = JSON.parse(stdout) as { judgements: readonly { code: string; refused: boolean }[] };
  expect(line).toMatchObject({ type: 'reading', refused: true });
  expect(line.judgements.find(({ refused }) => refused)?.code).toBe(code);
}

/** The command printed exactly one error, with this code or one of these. Returns the code that it printed. */
export function expectError(run: CliResult, { code, mentions = [] }: Refusal): string {
  const output = errorOutput(run);
  const printedCodes = [...output.matchAll(/\(code: ([\w.]+)\)/g)].map(([, printed = '']) => printed);
  expect(printedCodes).toHaveLength(1);
  const [printedCode = ''] = printedCodes;
  expect([code].flat()).toContain(printedCode);
  expect(output.match(/^scimsync: /gm)).toHaveLength(1);
  for (const text of mentions) expect(output).toContain(text);
  return printedCode;
}

/** A full read afterwards leads to no write: the failures before left no trace. */
export async function expectNoChanges(at: DirectoryFixture): Promise<void> {
  at.app.log.splice(0);
  expectExitCode(await at.pass('--full'), 0);
  expect(writes(at.app.log)).toEqual([]);
}

/** Neither the output nor the state file and its write-ahead log contains a secret, in plain text or in base64. */
export function expectNoSecret({ cli }: DirectoryFixture, run: CliResult, secrets: readonly string[]): void {
  const written = readdirSync(cli.folder)
    .filter((name) => name.startsWith('scimsync.db'))
    .map((name) => cli.path(name))
    .filter((path) => statSync(path).isFile());
  const all = `${run.stdout}\n${run.stderr}\n${contentsOf(written)}`;
  for (const secret of secrets)
    for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(all.includes(form)).toBe(false);
}
