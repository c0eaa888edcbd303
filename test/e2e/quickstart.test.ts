import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(60_000);

const script = fileURLToPath(new URL('../../scripts/quickstart', import.meta.url));

interface QuickstartRun {
  readonly folder: string;
  readonly child: ChildProcess;
  output(): string;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  [Symbol.dispose](): void;
}

/** Runs the script in its own process group, so that the test can check for remaining processes. */
function startQuickstart(): QuickstartRun {
  const parent = mkdtempSync(join(tmpdir(), 'scimsync-quickstart-test-'));
  const folder = join(parent, 'new');
  const child = spawn(script, [folder], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return {
    folder,
    child,
    ended,
    output: () => output,
    [Symbol.dispose]() {
      if (hasRunningProcess(child)) process.kill(-(child.pid ?? 0), 'SIGKILL');
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

function hasRunningProcess({ pid }: ChildProcess): boolean {
  if (pid === undefined) throw new Error(`${script} was not started`);
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

test.concurrent(
  'scripts/quickstart rehearses a joiner, a mover and a leaver, holds an empty export, and leaves no process behind',
  async () => {
    using rehearsal = startQuickstart();
    const code = await rehearsal.ended;
    const output = rehearsal.output();
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('41 users, 40 of them active; 6 groups'),
    });
    for (const expected of [
      'wiki: create 46, add 28 memberships',
      'deactivate user mark.downs@company.example',
      'A reading without users is always held',
      'wiki: 40 active people, 1 inactive, 6 groups, 28 memberships',
      'mark.downs@company.example  inactive',
      'justin.case@company.example  Specialist of Finance, manager Penny Wise',
      'Help Desk: Anna Gram, Justin Time, Phil Forms, Neil Down, Wanda Round, Frank Lee\n',
      'Key Accounts: Cliff Hanger, Grace Period, Bea Bargain\n',
      rehearsal.folder,
    ])
      expect(output).toContain(expected);
    expect(output).not.toContain(readFileSync(join(rehearsal.folder, 'token'), 'utf8').trim());
    expect(hasRunningProcess(rehearsal.child)).toBe(false);
  },
);

test.concurrent('scripts/quickstart ends its sandbox when it receives SIGTERM', async () => {
  using rehearsal = startQuickstart();
  while (!rehearsal.output().includes('It listens at')) {
    if (rehearsal.child.exitCode !== null)
      throw new Error(`the script ended before its sandbox was ready:\n${rehearsal.output()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  rehearsal.child.kill('SIGTERM');
  expect(await rehearsal.ended).toBe(143);
  expect(hasRunningProcess(rehearsal.child)).toBe(false);
});
