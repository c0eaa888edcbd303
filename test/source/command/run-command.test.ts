import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { runCommand, type ProgramSettings } from '../../../src/source/command/run-command.ts';
import { openSpool, type Spool } from '../../../src/source/table/spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'scimsync-command-'));
const spoolFolder = mkdtempSync(join(tmpdir(), 'scimsync-spool-'));
afterAll(() => {
  for (const path of [folder, spoolFolder]) rmSync(path, { recursive: true, force: true });
});

const never = new AbortController().signal;
const script = (code: string): readonly string[] => [process.execPath, '-e', code];

const settings: ProgramSettings = {
  folder,
  env: { PATH: process.env['PATH'] ?? '', GREETING: 'hello' },
  timeLimitMs: 20_000,
  maxBytes: 10 * 1024 * 1024,
  graceMs: 200,
  onExit: () => () => undefined,
  redact: (text) => text.replaceAll('s3cret', '•••'),
};

async function textOf(spool: Spool): Promise<string> {
  let text = '';
  for await (const chunk of spool.content('it').chunks(never)) text += chunk.toString('utf8');
  return text;
}

async function output(
  run: readonly string[],
  options: Partial<ProgramSettings> = {},
  signal: AbortSignal = never,
): Promise<string> {
  const spool = await openSpool(spoolFolder);
  try {
    await runCommand(run, spool, { ...settings, ...options }, signal);
    return await textOf(spool);
  } finally {
    await spool.close();
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

describe('the output of a program', () => {
  test.each<[string, string, string]>([
    ['is all that it writes', `process.stdout.write('a\\nb\\n')`, 'a\nb\n'],
    ['may be empty', '', ''],
    ['is not its standard error', `console.error('x'); console.log('y')`, 'y\n'],
    [
      'does not depend on standard input',
      `process.stdin.on('data', () => 0).on('end', () => console.log('end'))`,
      'end\n',
    ],
    ['follows the environment', `console.log(process.env.GREETING, process.env.HOME)`, 'hello undefined\n'],
    ['starts in the folder', `console.log(process.cwd().split('/').at(-1))`, `${folder.split('/').at(-1)}\n`],
  ])('%s', async (_, code, expected) => {
    expect(await output(script(code))).toBe(expected);
  });

  test('has the arguments as they are, without a shell', async () => {
    const run = [
      process.execPath,
      '-e',
      `console.log(JSON.stringify(process.argv.slice(1)))`,
      '--',
      '$HOME',
      '*',
      'a b',
      '',
    ];
    expect(JSON.parse(await output(run))).toEqual(['$HOME', '*', 'a b', '']);
  });

  test('of a large one is complete, and leaves no file', async () => {
    const text = await output(script(`for (let i = 0; i < 200000; i += 1) console.log(String(i).padStart(20))`));
    expect(text.length).toBe(200_000 * 21);
    expect(readdirSync(spoolFolder)).toEqual([]);
  });

  test('of a program with a relative path', async () => {
    writeFileSync(join(folder, 'export-hr'), '#!/bin/sh\necho "$1"\n');
    chmodSync(join(folder, 'export-hr'), 0o755);
    expect(await output(['./export-hr', '--csv'])).toBe('--csv\n');
  });
});

describe('a program without a complete output', () => {
  writeFileSync(join(folder, 'no-program'), 'text');
  writeFileSync(join(folder, 'no-interpreter'), '#!/does/not/exist\n');
  chmodSync(join(folder, 'no-interpreter'), 0o755);

  test.each<[string, readonly string[], ErrorCode, RegExp, Partial<ProgramSettings>?]>([
    ['does not exist', ['./absent'], 'command.notFound', /absent does not exist/],
    ['is not in PATH', ['scimsync-absent'], 'command.notFound', /PATH/],
    ['is not executable', ['./no-program'], 'command.notExecutable', /is not executable/],
    ['is a folder', ['./'], 'command.notExecutable', /is not executable/],
    ['has no interpreter', ['./no-interpreter'], 'command.notExecutable', /interpreter/],
    [
      'fails',
      script(`console.log('1'); console.error('no\\nlicence'); process.exit(3)`),
      'command.failed',
      /exit code 3.*no \| licence/,
    ],
    [
      'fails silently',
      script('process.exitCode = 1'),
      'command.failed',
      /exit code 1.*wrote nothing to standard error/,
    ],
    ['dies', script(`process.kill(process.pid, 'SIGKILL')`), 'command.failed', /signal SIGKILL/],
    ['hangs', script('setInterval(() => 0, 1000)'), 'command.timeLimit', /within 0.5 s/, { timeLimitMs: 500 }],
    [
      'ends, but a process that it started holds the output open',
      script(`require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' }).unref()`),
      'command.timeLimit',
      /within 1.5 s/,
      { timeLimitMs: 1500 },
    ],
    [
      'fails, and a process that it started holds the output open',
      script(`require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); process.exit(2)`),
      'command.failed',
      /exit code 2/,
    ],
    [
      'writes for ever',
      script(
        `const write = () => { while (process.stdout.write('x'.repeat(65536))); };
         process.stdout.on('drain', write); write();`,
      ),
      'command.tooLarge',
      /more than 1 MiB/,
      { maxBytes: 1024 * 1024 },
    ],
    ['shows a secret', script(`console.error('token s3cret'); process.exit(1)`), 'command.failed', /token •••/],
    [
      'writes much to standard error',
      script(`for (let i = 0; i < 5000; i += 1) console.error('line ' + i + ' s3cret'); process.exitCode = 1`),
      'command.failed',
      /: line 4995 ••• \| line 4996 ••• \| line 4997 ••• \| line 4998 ••• \| line 4999 •••\./,
    ],
    [
      'writes control characters to standard error',
      script(`process.stderr.write('\\u001b[31mred\\u001b[0m\\u0007\\n'); process.exit(1)`),
      'command.failed',
      /error: red\./,
    ],
  ])('%s', async (_, run, code, message, options = {}) => {
    const reading = output(run, options);
    await expect(reading).rejects.toThrow(IncompleteReading);
    await expect(reading).rejects.toMatchObject({ code, exitCode: 1, message: expect.stringMatching(message) });
    expect(readdirSync(spoolFolder)).toEqual([]);
  });

  test('is ended with all that it started, also if they ignore SIGTERM', async () => {
    const heartbeat = join(folder, 'heartbeat');
    const stubborn = `process.on('SIGTERM', () => 0);
      setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(heartbeat)}, 'x'), 20);`;
    const code = `${stubborn}
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}]);`;
    await expect(output(script(code), { timeLimitMs: 1500 })).rejects.toMatchObject({ code: 'command.timeLimit' });
    await pause(100);
    const beats = statSync(heartbeat).size;
    expect(beats).toBeGreaterThan(0);
    await pause(300);
    expect(statSync(heartbeat).size).toBe(beats);
  });

  test('is ended by the signal that stops scimsync', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by a signal');
    const reading = output(script('setInterval(() => 0, 1000)'), {}, controller.signal);
    setTimeout(() => controller.abort(reason), 300);
    await expect(reading).rejects.toBe(reason);
  });
});
