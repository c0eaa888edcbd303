import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { splitAtMark, type HostedRun } from './cli-host-messages.ts';
import { compileCache } from './compile-cache.ts';

/** How a command line ended, and its output. */
export interface HostedResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const hostFile = fileURLToPath(new URL('cli-host-process.ts', import.meta.url));
const programFile = fileURLToPath(new URL('../../dist/cli/program.js', import.meta.url));

let host: ChildProcess | undefined;
let isBusy = false;
let runCount = 0;

/** Each test file has a host of its own. */
afterAll(async () => {
  if (host?.connected !== true) return;
  const exited = once(host, 'exit');
  host.disconnect();
  await exited;
});

/** Whether the host is free: it runs one command line at a time. */
export const isHostFree = (): boolean => !isBusy;

/**
 * Runs one command line of the built program in a process that has already loaded the program, because loading takes
 * longer than most passes. The working directory, the environment, the output and the exit code are those of a
 * process of its own, and the run ends only when such a process would end.
 */
export async function runInHost(run: Omit<HostedRun, 'id'>): Promise<HostedResult> {
  isBusy = true;
  try {
    return await resultOf(await runningHost(), { ...run, id: (runCount += 1) });
  } finally {
    isBusy = false;
  }
}

async function runningHost(): Promise<ChildProcess> {
  if (host?.connected === true) return host;
  const started = fork(hostFile, [programFile], {
    // The environment of a run arrives with the run.
    env: { NODE_COMPILE_CACHE: compileCache },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(started, 'exit').then(() => {
    throw new Error('the process that hosts the command line ended before it was ready');
  });
  await Promise.race([once(started, 'message'), ended]);
  ended.catch(() => undefined);
  host = started;
  return started;
}

/** The result of a run in the host. An uncaught error ends the host, as it would end a process of the run's own. */
function resultOf(child: ChildProcess, run: HostedRun): Promise<HostedResult> {
  const output = { stdout: '', stderr: '' };
  return new Promise((done) => {
    const codes: number[] = [];
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      for (const stream of [child.stdout, child.stderr]) stream?.removeAllListeners('data');
      child.removeListener('close', end);
      done({ code, signal, ...output });
    };
    const collect = (name: 'stdout' | 'stderr') => (text: string) => {
      output[name] += text;
      // Outputs have many megabytes, so only a chunk that can end one is worth a search.
      if (!text.endsWith('\0')) return;
      const split = splitAtMark(output[name]);
      if (split === undefined) return;
      output[name] = split.output;
      if (codes.push(split.code) === 2) end(split.code, null);
    };
    child.stdout?.setEncoding('utf8').on('data', collect('stdout'));
    child.stderr?.setEncoding('utf8').on('data', collect('stderr'));
    child.once('close', end);
    child.send(run);
  });
}
