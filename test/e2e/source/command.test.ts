import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { configuration, createFixture, expectExitCode, target, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const secret = 'hr-s3cret-token';

/** A workspace whose source is the program `export.mjs`, which prints the file of each part. */
async function workspace(source: object = {}): Promise<Fixture> {
  const fixture = await createFixture();
  const run = (part: string): readonly string[] => [process.execPath, './export.mjs', part];
  fixture.cli.configure({
    ...configuration([
      target(fixture.server.url, {
        guard: unlimitedGuard,
        mapping: { user: { userName: 'user.mail', 'name.givenName': "user['name.given']" } },
      }),
    ]),
    source: {
      type: 'command',
      users: { run: run('users'), format: 'jsonLines', key: 'id' },
      groups: { run: run('groups'), format: 'csv', key: 'id', name: 'name' },
      memberships: { run: run('memberships'), format: 'csv', group: 'group', member: 'member' },
      env: { HR_TOKEN: { file: './hr-token' }, MODE: 'all' },
      timeLimitSeconds: 20,
      ...source,
    },
  });
  writeFileSync(fixture.cli.path('hr-token'), secret);
  program(fixture, `process.stdout.write(readFileSync(process.argv[2], 'utf8'));`);
  exportPeople(fixture, [1, 2, 3]);
  return fixture;
}

const program = ({ cli }: Fixture, code: string): void =>
  writeFileSync(cli.path('export.mjs'), `import { readFileSync } from 'node:fs';\n${code}\n`);

const person = (id: number): string =>
  JSON.stringify({ id, mail: `p${id}@x.example`, name: { given: `Person ${id}`, family: null }, active: id !== 9 });

function exportPeople({ cli }: Fixture, ids: readonly number[], ...lines: readonly string[]): void {
  writeFileSync(cli.path('users'), [...ids.map(person), ...lines].map((line) => `${line}\n`).join(''));
  writeFileSync(cli.path('groups'), 'id,name\ng1,Red\n');
  writeFileSync(cli.path('memberships'), `group,member\n${ids.map((id) => `g1,${id}\n`).join('')}`);
}

const accounts = ({ server }: Fixture): Readonly<Record<string, unknown>> =>
  Object.fromEntries([...server.users.values()].map(({ data }) => [String(data['userName']), data['active']]));

const all = { 'p1@x.example': true, 'p2@x.example': true, 'p3@x.example': true };

describe('the output of programs as a source', () => {
  test('is checked, planned, sent and explained, and an equal output is an unchanged reading', async () => {
    await using at = await workspace();
    const check = await at.cli.run('check');
    expectExitCode(check, 0);
    expect(check.stdout).toContain('name.given');
    expectExitCode(await at.cli.run('plan'), 0);
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)).toEqual(all);
    expect([...at.server.groups.values()].map(({ data }) => (data['members'] as unknown[]).length)).toEqual([3]);
    const explained = await at.cli.run('explain', 'p2@x.example');
    expectExitCode(explained, 0);
    expect(explained.stdout).toContain('name.given: Person 2');

    const before = at.server.log.length;
    const again = await at.cli.run('sync', '--json');
    expectExitCode(again, 0);
    expect(at.server.log.length).toBe(before);

    exportPeople(at, [1, 3, 4]);
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)).toEqual({ ...all, 'p2@x.example': false, 'p4@x.example': true });
  });

  test('each program runs once in a check', async () => {
    await using at = await workspace();
    const record = `appendFileSync('runs', process.argv[2] + ' ');`;
    writeFileSync(
      at.cli.path('export.mjs'),
      `import { appendFileSync, readFileSync } from 'node:fs';\n${record}\n` +
        `process.stdout.write(readFileSync(process.argv[2], 'utf8'));\n`,
    );
    expectExitCode(await at.cli.run('check'), 0);
    expect(readFileSync(at.cli.path('runs'), 'utf8')).toBe('users groups memberships ');
    writeFileSync(at.cli.path('users'), '');
    const empty = await at.cli.run('check');
    expectExitCode(empty, 1);
    expect(empty.stdout).not.toContain('base, filter');
  });

  test.each<[string, string, string]>([
    [
      'fails after half of its rows',
      `process.stdout.write(readFileSync(process.argv[2], 'utf8').slice(0, 60));
       console.error('no licence for ' + process.env.HR_TOKEN);
       process.exitCode = 7;`,
      'command.failed',
    ],
    ['is killed', `console.log(''); process.kill(process.pid, 'SIGKILL');`, 'command.failed'],
    [
      'ends in the middle of a row',
      `process.stdout.write(readFileSync(process.argv[2], 'utf8').slice(0, -4));`,
      'command.truncated',
    ],
    ['writes an error page', `console.log('<html>\\n<p>502</p>');`, 'json.withoutObjects'],
    ['hangs', `setInterval(() => 0, 1000);`, 'command.timeLimit'],
  ])('is incomplete where a program %s: nothing changes', async (_, code, expected) => {
    await using at = await workspace({ timeLimitSeconds: 2 });
    expectExitCode(await at.cli.run('sync'), 0);
    program(at, code);
    exportPeople(at, [1]);
    for (const command of ['plan', 'sync', 'check']) {
      const run = await at.cli.run(command);
      expectExitCode(run, 1);
      expect(run.stdout + run.stderr).not.toContain(secret);
      if (command !== 'check') expect(run.stderr).toContain(`(code: ${expected})`);
      if (expected === 'command.failed' && code.includes('licence'))
        expect(run.stdout + run.stderr).toMatch(/exit code 7.*no licence for •••/);
    }
    expect(accounts(at)).toEqual(all);
  });

  test('with a broken line: the user whom it names waits, another leaver does not', async () => {
    await using at = await workspace();
    expectExitCode(await at.cli.run('sync'), 0);
    exportPeople(at, [1], '{"id":2,"mail":"p2@x.example","name":{"given":"P"');
    const run = await at.cli.run('sync', '--json');
    expectExitCode(run, 1);
    expect(run.lines.filter(({ type }) => type === 'rejectedRow')).toMatchObject([{ part: 'users', line: 2 }]);
    expect(accounts(at)).toEqual({ ...all, 'p3@x.example': false });
    exportPeople(at, [1, 2]);
    expectExitCode(await at.cli.run('sync'), 0);
    expect(accounts(at)).toEqual({ ...all, 'p3@x.example': false });
  });

  test('without a user holds all removals', async () => {
    await using at = await workspace();
    expectExitCode(await at.cli.run('sync'), 0);
    exportPeople(at, []);
    expectExitCode(await at.cli.run('sync'), 3);
    expect(accounts(at)).toEqual(all);
  });

  test('is not read to its end after SIGTERM, and the program ends', async () => {
    await using at = await workspace();
    program(
      at,
      `import { appendFileSync } from 'node:fs';
       setInterval(() => appendFileSync('heartbeat', 'x'), 20);`,
    );
    const process_ = at.cli.start('sync');
    const beats = (): number => {
      try {
        return statSync(at.cli.path('heartbeat')).size;
      } catch {
        return 0;
      }
    };
    await waitUntil('heartbeat', () => beats() > 0);
    process_.child.kill('SIGTERM');
    const { code } = await process_.exited;
    expect(code).toBe(1);
    const last = beats();
    await new Promise((done) => setTimeout(done, 300));
    expect(beats()).toBe(last);
  });

  test('another program is another source', async () => {
    await using at = await workspace();
    expectExitCode(await at.cli.run('sync'), 0);
    const text = readFileSync(at.cli.path('sync.config.json'), 'utf8').replaceAll(
      JSON.stringify(process.execPath),
      '"node"',
    );
    writeFileSync(at.cli.path('sync.config.json'), text);
    expectExitCode(await at.cli.run('sync'), 0);
    writeFileSync(at.cli.path('sync.config.json'), text.replaceAll('"node"', '"./other"'));
    writeFileSync(at.cli.path('other'), `#!/bin/sh\nexec node "$@"\n`, { mode: 0o755 });
    const run = await at.cli.run('sync');
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: source.changed)');
    expectExitCode(await at.cli.run('sync', '--accept-source'), 0);
  });
});
