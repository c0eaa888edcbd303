import { spawn } from 'node:child_process';
import { program } from './cli-workspace.ts';
import { programPath } from './directory/servers/installed.ts';
import { waitUntil } from './wait-until.ts';

/** util-linux's script(1), which runs a program at a pseudo terminal; undefined where it is not installed. */
export const scriptPath = programPath('script');

/** The command line at a pseudo terminal. */
export interface TerminalSession extends AsyncDisposable {
  /** Waits until the program has written a text, after the last one that was waited for. */
  until(text: string): Promise<void>;
  /** Types a text, without a line break. */
  type(text: string): void;
  /** Waits for a text, then types a line. */
  answer(text: string, line: string): Promise<void>;
  /** All that was shown, once the program has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly shown: string }>;
}

/** Starts a command line at a pseudo terminal. @throws Error where script(1) is not installed */
export function startAtTerminal(
  folder: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): TerminalSession {
  if (scriptPath === undefined) throw new Error('script(1) of util-linux is not installed');
  const quoted = [process.execPath, program, ...args].map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(' ');
  const child = spawn(scriptPath, ['-qec', quoted, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, SHELL: '/bin/sh', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const ended = new Promise<{ code: number | null; shown: string }>((done) => {
    child.once('close', (code) => done({ code, shown }));
  });
  const until = async (text: string): Promise<void> => {
    await waitUntil(`"${text}" after:\n${shown.slice(seen)}`, () => shown.includes(text, seen));
    seen = shown.indexOf(text, seen) + text.length;
  };
  const type = (text: string): void => void child.stdin.write(text);
  return {
    ...{ until, type, ended },
    async answer(text, line) {
      await until(text);
      await until('> ');
      type(`${line}\r`);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
