import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, hire } from '../../world/company.ts';
import { program } from '../../world/cli-workspace.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { configuration, createFixture, groupFiles, target, type Fixture } from '../../world/fixture.ts';

jest.setTimeout(60_000);

const people = 400;

/** Starts a command whose streams are these. */
function start(fixture: Fixture, args: readonly string[], stdio: readonly (number | 'pipe')[]) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: fixture.cli.folder,
    env: { ...process.env, APP_TOKEN: fixture.server.token },
    stdio: ['ignore', ...stdio],
  });
  return { child, exited: once(child, 'exit').then(([code]) => code as number) };
}

const numberOf = (fixture: Fixture): number => fixture.server.users.size;

describe('a full disk', () => {
  test.each([
    ['standard output', ['full', 'pipe']],
    ['standard error', ['pipe', 'full']],
    ['both', ['full', 'full']],
  ])('behind %s stops no sync', async (_, streams) => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(131, 50));
    const full = openSync('/dev/full', 'w');
    const { child, exited } = start(
      fixture,
      ['sync', '--json'],
      streams.map((stream) => (stream === 'full' ? full : 'pipe')),
    );
    let errors = '';
    child.stderr?.on('data', (chunk) => (errors += String(chunk)));
    child.stdout?.resume();
    expect(await exited).toBe(0);
    closeSync(full);
    expect(numberOf(fixture)).toBe(50);
    if (streams[1] === 'pipe') expect(errors).toContain('lines of the result are lost');
  });

  test('behind the output of a command that only prints is an error', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(132, 5));
    const full = openSync('/dev/full', 'w');
    const { exited } = start(fixture, ['plan'], [full, 'pipe']);
    expect(await exited).toBe(1);
    closeSync(full);
  });
});

describe('a reader that does not read', () => {
  test('stops no sync, and gets the whole result later', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(133, people));
    // Both pipes are full after 64 KB.
    const { child, exited } = start(fixture, ['--log-level', 'debug', 'sync', '--json'], ['pipe', 'pipe']);
    await waitUntil('first load', () => numberOf(fixture) === people);
    let text = '';
    child.stdout?.on('data', (chunk) => (text += String(chunk)));
    child.stderr?.resume();
    expect(await exited).toBe(0);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string });
    expect(lines.filter(({ type }) => type === 'operation').length).toBeGreaterThanOrEqual(people);
    expect(lines.at(-1)?.type).toBe('summary');
  });

  test('stops no daemon, and no leaver', async () => {
    await using fixture = await createFixture();
    const company = createCompany(134, people);
    fixture.cli.configure({ ...configuration([target(fixture.server.url)], groupFiles), schedule: '* * * * * *' });
    fixture.cli.export(company);
    const { child, exited } = start(fixture, ['--log-level', 'debug', 'daemon'], ['pipe', 'pipe']);
    await waitUntil('first load', () => numberOf(fixture) === people);
    hire(company);
    fixture.cli.export(company);
    await waitUntil('new account', () => numberOf(fixture) === people + 1);
    child.kill('SIGTERM');
    // It waits for its reader for a few seconds, and ends.
    expect(await exited).toBe(0);
  });
});

test('a reader that has ended stops no sync', async () => {
  await using fixture = await createFixture();
  fixture.cli.export(createCompany(135, 50));
  const { child, exited } = start(fixture, ['sync', '--json'], ['pipe', 'pipe']);
  child.stdout?.destroy();
  child.stderr?.destroy();
  expect(await exited).toBe(0);
  expect(numberOf(fixture)).toBe(50);
});

test('a name with line breaks and marks of direction forges no line', async () => {
  await using fixture = await createFixture();
  const company = createCompany(136, 1);
  const [person] = company.people.values();
  if (person === undefined) throw new Error('the company is empty');
  person.userName = 'ada\n+ create user eve\u202e';
  fixture.cli.export(company);
  for (const args of [['plan'], ['plan', '--json'], ['sync'], ['history'], ['explain', person.id], ['status']]) {
    const { stdout, stderr } = await fixture.cli.run(...args);

    expect(stdout + stderr).not.toMatch(/^\+ create user eve|[\u0000-\u0009\u000b-\u001f\u202e]/m);
    if (args[0] === 'plan') expect(stdout).toContain('ada\\n+ create user eve\\u202e');
  }
});
