import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ErrorCode } from '../../model/error-codes.ts';
import { IncompleteReading } from '../../model/errors.ts';
import type { Spool } from '../table/spool.ts';
import { collectLastLines, type LastLines } from './last-lines.ts';
import { endGroup, signalGroup } from './process-group.ts';

/** How programs are run. */
export interface ProgramSettings {
  /** The folder in which they run, and from which a relative path of a program starts. Absolute. */
  readonly folder: string;
  /** Their whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A program that runs longer is ended. In ms. */
  readonly timeLimitMs: number;
  /** A program that writes more is ended. In bytes. */
  readonly maxBytes: number;
  /** Time between SIGTERM and SIGKILL, in ms. */
  readonly graceMs: number;
  /** Registers an action for the sudden end of scimsync. @returns removes it */
  readonly onExit: (action: () => void) => () => void;
  /** Hides secrets in what a program writes to standard error. */
  readonly redact: (text: string) => string;
}

/** Why scimsync ended a program. `failed`: it ended by itself, and not with exit code 0. */
type Stop = 'timeLimit' | 'tooLarge' | 'aborted' | 'failed';

/** How a program ended. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** After a program failed, a process that it started may hold its output open for this time, in ms. */
const drainMs = 500;

/**
 * Runs a program without a shell, and writes its standard output to the spool. Standard input is empty. The program
 * gets a process group of its own, which ends with it where it fails or is stopped.
 *
 * @param run the program and its arguments. A program with a slash is a path, otherwise it is found by PATH
 * @throws IncompleteReading unless the program ends with exit code 0 in time
 */
export async function runCommand(
  run: readonly string[],
  spool: Spool,
  settings: ProgramSettings,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { child, pid, stdout, stderr } = await start(run, settings);
  const lines = collectLastLines(settings.redact);
  stderr.setEncoding('utf8').on('data', (text: string) => lines.add(text));
  const errorsRead = once(stderr, 'close');
  const stopping = new AbortController();
  const stop = (reason: Stop): void => stopping.abort(reason);
  const onAbort = (): void => stop('aborted');
  stopping.signal.addEventListener('abort', () => stdout.destroy());
  signal.addEventListener('abort', onAbort);
  const forget = settings.onExit(() => signalGroup(pid, 'SIGKILL'));
  const limit = setTimeout(stop, settings.timeLimitMs, 'timeLimit');
  let drain: NodeJS.Timeout | undefined;
  let exit: Exit | undefined;
  child.once('exit', (code, exitSignal) => {
    exit = { code, signal: exitSignal };
    if (code !== 0) drain = setTimeout(stop, drainMs, 'failed');
  });
  const exited = once(child, 'exit');
  try {
    await pump(stdout, spool, settings.maxBytes, stopping);
    await Promise.race([exited, aborted(stopping.signal)]);
    signal.throwIfAborted();
    const reason = stopping.signal.aborted ? (stopping.signal.reason as Stop) : undefined;
    if (reason === undefined && exit?.code === 0) return;
    // What the program wrote before it ended may still be on its way.
    await Promise.race([errorsRead, aborted(AbortSignal.timeout(drainMs))]);
    throw failure(run, exit, reason, settings, lines);
  } catch (error) {
    await endGroup(pid, settings.graceMs);
    throw error;
  } finally {
    clearTimeout(limit);
    clearTimeout(drain);
    signal.removeEventListener('abort', onAbort);
    forget();
    stdout.destroy();
    stderr.destroy();
  }
}

/** Writes the output to the spool, at the speed of the disk. Ends early where the program is stopped. */
async function pump(stdout: Readable, spool: Spool, maxBytes: number, stopping: AbortController): Promise<void> {
  try {
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      if (spool.size + chunk.length > maxBytes) stopping.abort('tooLarge' satisfies Stop);
      if (stopping.signal.aborted) return;
      await spool.write(chunk);
    }
  } catch (error) {
    if (!stopping.signal.aborted || error instanceof IncompleteReading) throw error;
  }
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** @throws IncompleteReading where the program cannot be started */
async function start([name = '', ...args]: readonly string[], { folder, env }: ProgramSettings): Promise<Started> {
  const program = name.includes('/') && !isAbsolute(name) ? join(folder, name) : name;
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...env },
    detached: true,
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid, stdout, stderr } = child;
  if (pid !== undefined) return { child, pid, stdout, stderr };
  const [error] = (await once(child, 'error').catch((cause: unknown) => [cause])) as [NodeJS.ErrnoException];
  throw notStarted(program, error);
}

function notStarted(program: string, error: NodeJS.ErrnoException): IncompleteReading {
  const isPath = program.includes('/');
  const [code, what]: readonly [ErrorCode, string] =
    error.code === 'ENOENT' && !isPath
      ? ['command.notFound', `${program} is in no folder of PATH. Write its path, or install it`]
      : error.code === 'ENOENT' && !existsSync(program)
        ? ['command.notFound', `${program} does not exist. Check "run" of the source`]
        : error.code === 'ENOENT'
          ? ['command.notExecutable', `${program} cannot be started: the interpreter in its first line does not exist`]
          : error.code === 'EACCES'
            ? ['command.notExecutable', `${program} is not executable for the user that scimsync runs as`]
            : ['command.notExecutable', `${program} cannot be started (${error.code ?? error.message})`];
  return new IncompleteReading(code, `${what}. Nothing was planned or changed.`, 1, { cause: error });
}

function failure(
  [program = '']: readonly string[],
  exit: Exit | undefined,
  reason: Stop | undefined,
  { timeLimitMs, maxBytes }: ProgramSettings,
  lines: LastLines,
): IncompleteReading {
  const name = basename(program);
  const [code, what]: readonly [ErrorCode, string] =
    reason === 'timeLimit'
      ? ['command.timeLimit', `${name} did not end within ${timeLimitMs / 1000} s (source.timeLimitSeconds)`]
      : reason === 'tooLarge'
        ? ['command.tooLarge', `${name} wrote more than ${maxBytes / 1024 / 1024} MiB (source.maxMegabytes)`]
        : exit === undefined || exit.signal === null
          ? ['command.failed', `${name} ended with exit code ${exit?.code ?? 'unknown'}`]
          : ['command.failed', `${name} was ended by the signal ${exit.signal}`];
  const last = lines.show();
  const standardError =
    last === '' ? 'It wrote nothing to standard error' : `Its last lines on standard error: ${last}`;
  return new IncompleteReading(code, `${what}. ${standardError}. Nothing was planned or changed.`);
}
