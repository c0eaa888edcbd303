import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExport, type Layout } from './export.ts';
import type { Company } from './company.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export type Line = Readonly<Record<string, unknown>>;

export interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON lines; empty where it is not. */
  readonly lines: readonly Line[];
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
  output(): { readonly stdout: string; readonly stderr: string };
}

/** A folder with a configuration, an export and a state file, and the built command line to run in it. */
export interface Desk {
  readonly folder: string;
  path(name: string): string;
  configure(configuration: object): void;
  export(made: Company, layout?: Layout): void;
  run(...args: string[]): Promise<Run>;
  start(...args: string[]): Running;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param env what the product sees besides PATH and HOME: nothing of ours */
export function desk(env: Readonly<Record<string, string>>): Desk {
  if (!existsSync(program)) throw new Error(`${program} is not there: build first`);
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-e2e-'));
  const running = new Set<Running>();
  const start = (...args: string[]): Running => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const ended = new Promise<Run>((done) => {
      child.once('close', (code, signal) => {
        running.delete(started);
        done({ code, signal, ...output, lines: jsonLines(output.stdout) });
      });
    });
    const started: Running = { child, ended, output: () => ({ ...output }) };
    running.add(started);
    return started;
  };
  return {
    folder,
    start,
    path: (name) => join(folder, name),
    configure: (configuration) =>
      writeFileSync(join(folder, 'sync.config.json'), JSON.stringify(configuration, undefined, 2)),
    export: (made, layout) => writeExport(made, folder, layout),
    run: (...args) => start(...args).ended,
    [Symbol.asyncDispose]: async () => {
      for (const { child, ended } of running) {
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function jsonLines(text: string): readonly Line[] {
  try {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Line);
  } catch {
    return [];
  }
}

/** All that was written anywhere: the whole folder's bytes, as text in which an ASCII secret would be seen. */
export function everythingIn(paths: Iterable<string>): string {
  return [...paths].map((path) => readFileSync(path).toString('latin1')).join('\n');
}
