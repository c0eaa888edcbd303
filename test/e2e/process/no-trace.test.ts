import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports, type Company } from '../../world/company.ts';
import {
  configuration,
  createFixture,
  expectExitCode,
  summaryLines,
  target,
  type Fixture,
} from '../../world/fixture.ts';
import { traceOf } from '../../world/folder-trace.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

const program = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

const readers: [string, readonly string[]][] = [
  ['plan', ['plan', '--json']],
  ['status', ['status']],
  ['history', ['history']],
  ['explain', ['explain', 'e00003']],
];

const companyAfter = (company: Company): void => {
  const [leaver] = peopleWithoutReports(company, 1);
  leave(company, leaver?.id ?? '');
};

describe('a command that only reads leaves no trace', () => {
  test('before the first pass, also where the folder of the state is missing', async () => {
    await using fixture = await createFixture();
    fixture.cli.configure({ ...configuration([target(fixture.server.url)]), state: './deep/er/scimsync.db' });
    fixture.cli.export(createCompany(1, 10, 2));
    const before = traceOf(fixture.cli.folder);
    expectExitCode(await fixture.cli.run('plan'), 0);
    expectExitCode(await fixture.cli.run('status'), 0);
    expectExitCode(await fixture.cli.run('history'), 0);
    expect(traceOf(fixture.cli.folder)).toEqual(before);
  });

  test.each(readers)('after a pass: %s', async (_, args) => {
    await using fixture = await createFixture();
    const company = createCompany(2, 30, 3);
    expectExitCode(await fixture.pass(company), 0);
    companyAfter(company);
    fixture.cli.export(company);
    const temporary = readdirSync(tmpdir()).filter((name) => name.startsWith('scimsync-copy-'));
    const before = traceOf(fixture.cli.folder);
    expectExitCode(await fixture.cli.run(...args), 0);
    expect(traceOf(fixture.cli.folder)).toEqual(before);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('scimsync-copy-'))).toEqual(temporary);
  });

  test('a refused reading leaves none either', async () => {
    await using fixture = await createFixture();
    expectExitCode(await fixture.pass(createCompany(3, 30, 3)), 0);
    writeFileSync(fixture.cli.path('users.csv'), 'id,userName\ne1,"open');
    const before = traceOf(fixture.cli.folder);
    expectExitCode(await fixture.cli.run('plan'), 1);
    expect(traceOf(fixture.cli.folder)).toEqual(before);
  });
});

describe('a file of another kind as the state', () => {
  test.each(['plan', 'sync', 'status', 'daemon'])('is refused by %s before anything is changed', async (command) => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(4, 5));
    fixture.cli.configure({ ...configuration([target(fixture.server.url)]), state: './notes.txt' });
    writeFileSync(fixture.cli.path('notes.txt'), 'id,userName\n1,ada\n'.repeat(100), { mode: 0o644 });
    const before = traceOf(fixture.cli.folder);
    const run = await fixture.cli.run(command);
    expectExitCode(run, 4);
    expect(run.stderr).toContain('code: state.notOurs');
    expect(traceOf(fixture.cli.folder)).toEqual(before);
    expect(fixture.server.log).toEqual([]);
  });

  test.each([
    ['of the source', './users.csv'],
    ['of the configuration', './sync.config.json'],
  ])('that is a file %s is a mistake in the configuration', async (_, state) => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(4, 5));
    fixture.cli.configure({ ...configuration([target(fixture.server.url)]), state });
    const before = traceOf(fixture.cli.folder);
    const run = await fixture.cli.run('sync');
    expectExitCode(run, 4);
    expect(run.stderr).toContain('the state needs a file of its own');
    expect(traceOf(fixture.cli.folder)).toEqual(before);
  });
});

const leaverCounts = { deactivate: 1, create: 0 };

test('plan, status and history work beside a running pass, on what was committed last', async () => {
  await using fixture = await createFixture({
    server: { latencyMs: 150 },
    target: { guard: unlimitedGuard, limits: { concurrency: 1 } },
  });
  const company = createCompany(5, 12);
  const running = fixture.cli.start('sync');
  fixture.cli.export(company);
  await running.exited;
  expectExitCode(await fixture.pass(company), 0);
  companyAfter(company);
  for (const person of company.people.values()) person.title = 'Moved';
  fixture.cli.export(company);
  const pass = fixture.cli.start('sync');
  const requests = fixture.server.log.length;
  while (pass.child.exitCode === null && fixture.server.log.length < requests + 2)
    await new Promise((done) => setTimeout(done, 5));
  const plan = await fixture.cli.run('plan', '--json');
  const status = await fixture.cli.run('status');
  const history = await fixture.cli.run('history', '--json');
  expect(pass.child.exitCode).toBeNull();
  expectExitCode(plan, 0);
  expect(plan.stderr).toContain('is running');
  expect(plan.stderr).not.toContain('interrupted');
  expect(status.stdout).toContain('Running: "scimsync sync"');
  expectExitCode(history, 0);
  expectExitCode(await pass.exited, 0);
  const after = await fixture.cli.run('plan', '--json');
  expect(summaryLines(after)).toMatchObject([{ counts: { update: 0, deactivate: 0 } }]);
});

const isRoot = process.geteuid?.() === 0;
const otherUser = 65_534;

/** Runs a command line as a user without any write access to the workspace. */
function runAsOtherUser(
  fixture: Fixture,
  temporaryFolder: string,
  args: readonly string[],
): ReturnType<typeof spawnSync> {
  return spawnSync(process.execPath, [program, ...args], {
    cwd: fixture.cli.folder,
    env: { APP_TOKEN: 'token', TMPDIR: temporaryFolder, HOME: temporaryFolder },
    uid: otherUser,
    gid: otherUser,
    encoding: 'utf8',
  });
}

(isRoot ? describe : describe.skip)('without write access', () => {
  test.each([
    ['at rest', () => undefined],
    [
      'after a kill, with -wal and -shm',
      (folder: string) => {
        // What a killed process leaves: the main file is in WAL mode, and no process holds a lock.
        const script = `
          const Database = require(process.argv[1]);
          const db = new Database(process.argv[2]);
          db.pragma('journal_mode = wal');
          db.exec("insert into pass (command, started, ended, result) values ('killed', 1, 2, 'done')");
          process.kill(process.pid, 'SIGKILL');`;
        const sqlite = fileURLToPath(new URL('../../../node_modules/better-sqlite3', import.meta.url));
        spawnSync(process.execPath, ['-e', script, sqlite, join(folder, 'scimsync.db')]);
      },
    ],
  ] as const)('every command that only reads works, %s', async (_, prepare) => {
    await using fixture = await createFixture();
    const company = createCompany(6, 20, 2);
    expectExitCode(await fixture.pass(company), 0);
    companyAfter(company);
    fixture.cli.export(company);
    prepare(fixture.cli.folder);
    const { folder } = fixture.cli;
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o444);
    chmodSync(folder, 0o555);
    const temporary = mkdtempSync(join(tmpdir(), 'scimsync-other-user-'));
    chmodSync(temporary, 0o777);
    try {
      const before = traceOf(folder);
      for (const [, args] of readers) {
        const { status, stderr, stdout } = runAsOtherUser(fixture, temporary, args);
        expect([status, args, status === 0 ? '' : stderr]).toEqual([0, args, '']);
        if (args[0] === 'plan')
          expect(
            String(stdout)
              .split('\n')
              .map((line) => line.trim())
              .filter((line) => line.includes('"summary"'))
              .map((line) => (JSON.parse(line) as { counts: unknown }).counts),
          ).toMatchObject([leaverCounts]);
      }
      expect(traceOf(folder)).toEqual(before);
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      chmodSync(folder, 0o755);
      rmSync(temporary, { recursive: true, force: true });
    }
  });

  test('a pass is refused, and names the owner', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(7, 5));
    mkdirSync(fixture.cli.path('tmp'));
    expectExitCode(await fixture.cli.run('sync'), 0);
    for (const name of readdirSync(fixture.cli.folder)) chmodSync(fixture.cli.path(name), 0o755);
    const before = readFileSync(fixture.cli.path('scimsync.db'));
    chmodSync(fixture.cli.folder, 0o777);
    const { status, stderr } = runAsOtherUser(fixture, fixture.cli.path('tmp'), ['sync']);
    expect(status).toBe(4);
    expect(stderr).toContain('code: state.otherOwner');
    expect(readFileSync(fixture.cli.path('scimsync.db')).equals(before)).toBe(true);
  });
});
