// Starts a process and measures it from outside and from inside: wall and CPU time in milliseconds, peak memory in MB,
// and the largest write-ahead log of its state file in MB.
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clockMs } from './clock.mjs';
import { sampleProcess } from './samples.mjs';

const usageModule = new URL('usage.mjs', import.meta.url).href;

let started = 0;

/**
 * Starts a script.
 *
 * @param state the state file whose write-ahead log is watched
 * @returns `ended` resolves with the measurements and the exit code; `samples` are taken meanwhile
 */
export function startMeasured(script, args, { cwd, env = {}, state } = {}) {
  const file = join(tmpdir(), `bench-usage-${process.pid}-${(started += 1)}.json`);
  const startedAt = clockMs();
  const child = spawn(process.execPath, ['--import', usageModule, script, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: cwd, BENCH_USAGE: file, ...env },
  });
  const stopChild = () => child.kill('SIGKILL');
  process.once('exit', stopChild);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
  const samples = sampleProcess(child.pid, state);
  const ended = once(child, 'close').then(([code]) => {
    const wallMs = clockMs() - startedAt;
    process.off('exit', stopChild);
    const walMb = samples.stop();
    const usage = JSON.parse(readFileSync(file, 'utf8'));
    rmSync(file);
    return { wallMs, ...usage, walMb, code, startedAt, samples, ...output };
  });
  return { child, output, samples, ended, startedAt };
}

/** Runs a script to its end. @throws if its exit code is not one of `codes` */
export async function runMeasured(script, args, { codes = [0], ...options } = {}) {
  const run = await startMeasured(script, args, options).ended;
  if (!codes.includes(run.code))
    throw new Error(
      `${script} ${args.join(' ')} ended with ${run.code}\n${run.stderr.slice(-2000)}\n${run.stdout.slice(-2000)}`,
    );
  return run;
}

export const script = (name) => fileURLToPath(new URL(name, import.meta.url));
export const floor = (name) => script(`floors/${name}.mjs`);
