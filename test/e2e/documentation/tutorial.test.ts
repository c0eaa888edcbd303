import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, jest, test } from '@jest/globals';
import { compileCache } from '../../world/compile-cache.ts';
import { freePort } from '../../world/directory/servers/server.ts';
import { outputsOf, patternOf, scriptOf, stepsOf } from '../../world/documented-session.ts';

jest.setTimeout(60_000);

const project = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(project, 'docs', 'tutorial.md'), 'utf8');

test('each command of the tutorial prints what the page shows', async () => {
  const port = await freePort();
  const steps = stepsOf(page.replaceAll('8080', String(port)));
  const outputs = await run(scriptOf(steps));
  const shown = steps.filter((step) => step.type === 'command');
  // An output that matches is replaced by what the page shows, so that a failure shows only what differs.
  const compared = outputs.map((output, index) => {
    const expected = shown[index]?.output ?? '';
    return patternOf(expected).test(output) ? expected : output;
  });
  expect(compared).toEqual(shown.map(({ output }) => output));
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
});

/** The outputs of the commands of a script, with an empty home. */
async function run(script: string): Promise<readonly string[]> {
  const home = mkdtempSync(join(tmpdir(), 'scimsync-tutorial-'));
  const child = spawn('bash', ['-c', script], {
    cwd: project,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, NODE_COMPILE_CACHE: compileCache },
    // Ends a script whose sandbox did not start.
    timeout: 50_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  try {
    const stdout = await text(child.stdout);
    await exited;
    return outputsOf(stdout);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

describe('the comparison of outputs', () => {
  test.each([
    ['plan 0123456789ab, 3 s\n', 'plan ba9876543210, 12 s\n', true],
    ['plan 0123456789ab\n', 'plan none\n', false],
    ['a\n…\nz\n', 'a\nb\nc\nz\n', true],
    ['a\n…\nz\n', 'a\nb\nc\n', false],
    ['a (1)\n', 'a (1)\n', true],
    ['a\n', 'a\nb\n', false],
    ['', '', true],
    ['', 'error\n', false],
  ])('%j shows %j: %s', (shown, printed, expected) => {
    expect(patternOf(shown).test(printed)).toBe(expected);
  });

  test('a block of data without the name of its file is an error', () => {
    expect(() => stepsOf('```csv\na,b\n```\n')).toThrow('does not name the file');
  });
});
