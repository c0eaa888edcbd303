import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../src/model/clock.ts';
import { writeExport, type ExportOptions } from './export.ts';
import type { Company } from './company.ts';
import { isHostFree, runInHost } from './cli-host.ts';
import { compileCache } from './compile-cache.ts';
import { createSkippingClock } from './skipping-clock.ts';

/** The built command line. */
export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export type JsonLine = Readonly<Record<string, unknown>>;

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON lines; empty if it is not JSON. */
  readonly lines: readonly JsonLine[];
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<CliResult>;
  output(): { readonly stdout: string; readonly stderr: string };
}

/** A folder with a configuration, an export and a state file, and the built command line to run in it. */
export interface CliWorkspace {
  readonly folder: string;
  path(name: string): string;
  configure(configuration: object): void;
  export(company: Company, options?: ExportOptions): void;
  /** Runs a command line to its end; see `runInHost`. */
  run(...args: string[]): Promise<CliResult>;
  /** Runs a command line to its end, with a clock that is ahead by `byMs`. */
  runAhead(byMs: number, ...args: string[]): Promise<CliResult>;
  /** Starts a command line in a process of its own, for tests that send signals or watch the output. */
  start(...args: string[]): CliProcess;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CliWorkspaceOptions {
  /**
   * Whether `run` runs passes in this process, with a clock that skips all waits. For tests with many passes:
   * starting a process costs as much as twenty small passes.
   */
  readonly inProcess?: boolean;
  /** The clock of passes in this process; by default it starts now and skips all waits. */
  readonly clock?: Clock;
}

/** @param env the environment of the CLI besides PATH and HOME; nothing else is inherited */
export function createCliWorkspace(
  env: Readonly<Record<string, string>>,
  { inProcess = false, clock = createSkippingClock(Date.now()) }: CliWorkspaceOptions = {},
): CliWorkspace {
  if (!existsSync(program)) throw new Error(`${program} does not exist: build first`);
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-e2e-'));
  const processes = new Set<CliProcess>();
  const fullEnv = { PATH: process.env['PATH'] ?? '', HOME: folder, NODE_COMPILE_CACHE: compileCache, ...env };
  const startWith = (nodeOptions: readonly string[], args: readonly string[]): CliProcess => {
    const child = spawn(process.execPath, [...nodeOptions, program, ...args], {
      cwd: folder,
      env: fullEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const exited = new Promise<CliResult>((done) => {
      child.once('close', (code, signal) => {
        processes.delete(cliProcess);
        done({ code, signal, ...output, lines: parseJsonLines(output.stdout) });
      });
    });
    const cliProcess: CliProcess = { child, exited, output: () => ({ ...output }) };
    processes.add(cliProcess);
    return cliProcess;
  };
  const start = (...args: string[]): CliProcess => startWith([], args);
  const configFile = join(folder, 'sync.config.json');
  return {
    folder,
    start,
    runAhead(byMs, ...args) {
      const shift = `const now = Date.now; Date.now = () => now() + ${byMs};`;
      return startWith([`--import=data:text/javascript,${encodeURIComponent(shift)}`], args).exited;
    },
    path: (name) => join(folder, name),
    configure: (configuration) =>
      writeFileSync(configFile, JSON.stringify(withoutSamples(configuration), undefined, 2)),
    export: (company, options) => writeExport(company, folder, options),
    async run(...args) {
      if (!inProcess) {
        if (!isHostFree()) return start(...args).exited;
        const result = await runInHost({ folder, env: fullEnv, args });
        return { ...result, lines: parseJsonLines(result.stdout) };
      }
      // Imported on demand, because the other tests do not need the sources of scimsync.
      const { runPassInProcess } = await import('./in-process-pass.ts');
      return runPassInProcess({ configFile, env, clock }, args);
    },
    [Symbol.asyncDispose]: async () => {
      for (const { child, exited } of processes) {
        child.kill('SIGKILL');
        await exited;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Most tests count requests, so writes are read back by sample only where a test asks for it. Removals are read back as
 * by default.
 */
function withoutSamples(configuration: object): object {
  const { targets, source } = configuration as {
    readonly targets?: unknown;
    readonly source?: { readonly type?: unknown };
  };
  if (!Array.isArray(targets)) return configuration;
  // A daemon would wait for an export that the test has just written.
  const settled = source?.type === 'csv' ? { source: { settleSeconds: 0, ...source } } : {};
  const withDefaults = (target: unknown): unknown => {
    if (typeof target !== 'object' || target === null) return target;
    const { verification = {} } = target as { readonly verification?: object };
    return { ...target, verification: { firstWrites: 0, writesShare: '0%', ...verification } };
  };
  return { ...configuration, ...settled, targets: (targets as unknown[]).map(withDefaults) };
}

function parseJsonLines(text: string): readonly JsonLine[] {
  try {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as JsonLine);
  } catch {
    return [];
  }
}

/** The bytes of all files as text, to search them for ASCII secrets. */
export function contentsOf(paths: Iterable<string>): string {
  return [...paths].map((path) => readFileSync(path).toString('latin1')).join('\n');
}
