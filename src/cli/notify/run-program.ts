import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ChannelAnswer } from '../../notify/channel.ts';
import { endGroup } from '../../source/command/process-group.ts';
import { collectLastLines } from '../../source/command/last-lines.ts';
import { programPath } from './find-program.ts';

/** How a program of a channel is run. */
export interface ProgramOptions {
  /** The folder in which it runs. Absolute. */
  readonly folder: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A program that runs longer is ended, with all that it started. In ms. */
  readonly timeoutMs: number;
  /** Hides secrets in what it writes. */
  readonly redact: (text: string) => string;
  readonly signal: AbortSignal;
}

/** Between SIGTERM and SIGKILL, in ms. */
const graceMs = 1000;

/**
 * Runs a program without a shell, with `input` as its standard input. Exit code 0 accepts; the detail is the end of
 * what it wrote.
 */
export async function runProgram(
  [program = '', ...parameters]: readonly string[],
  input: string,
  { folder, env, timeoutMs, redact, signal }: ProgramOptions,
): Promise<ChannelAnswer> {
  const child = spawn(programPath(program, folder), parameters, {
    cwd: folder,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = collectLastLines(redact);
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => lines.add(text));
  // A program that does not read its input is no failure.
  child.stdin.on('error', () => undefined).end(input);
  const exit = new Promise<string | number | null>((done) => {
    child.once('error', ({ message }) => done(message));
    child.once('exit', (code, signal) => done(code ?? signal));
  });
  const ended = new AbortController();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), ended.signal]);
  const stopped = once(limit, 'abort').then(() => 'timeLimit' as const);
  const end = limit.aborted ? 'timeLimit' : await Promise.race([exit, stopped]);
  ended.abort();
  if (child.pid !== undefined) await endGroup(child.pid, graceMs);
  child.stdout.destroy();
  child.stderr.destroy();
  const wrote = lines.show();
  const ending = wrote === '' ? '' : `: ${wrote}`;
  if (end === 'timeLimit') return { kind: 'failed', detail: `it did not end within ${timeoutMs / 1000} s${ending}` };
  return end === 0
    ? { kind: 'accepted', detail: `exit code 0${ending}` }
    : { kind: 'failed', detail: `${typeof end === 'number' ? `exit code ${end}` : (end ?? 'ended')}${ending}` };
}
