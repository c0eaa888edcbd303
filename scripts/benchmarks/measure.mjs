// Starts a process and measures it: wall and CPU time in milliseconds, peak memory in MB.
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const usageModule = new URL('usage.mjs', import.meta.url).href;

let started = 0;

/** Runs a script to its end. @throws if its exit code is not 0 */
export async function runMeasured(script, args, { cwd, env = {} } = {}) {
  const file = join(tmpdir(), `bench-usage-${process.pid}-${(started += 1)}.json`);
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', usageModule, script, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: cwd, BENCH_USAGE: file, ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
  const [code] = await once(child, 'close');
  const wallMs = performance.now() - startedAt;
  if (code !== 0)
    throw new Error(
      `${script} ${args.join(' ')} ended with ${code}\n${output.stderr.slice(-2000)}\n${output.stdout.slice(-2000)}`,
    );
  const usage = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  return { wallMs, ...usage, ...output };
}

export const script = (name) => fileURLToPath(new URL(name, import.meta.url));
