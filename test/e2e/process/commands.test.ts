import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { byId, createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import {
  configuration,
  expectExitCode,
  groupFiles,
  drainLog,
  target,
  createFixture,
  writes,
} from '../../world/fixture.ts';

jest.setTimeout(60_000);

describe('the command line', () => {
  test.concurrent.each([
    [['no-such-command']],
    [['sync', '--no-such-option']],
    [['sync', '--allow-removals', 'many']],
    [['sync', '-c', 'no-such-file.json']],
    [['explain']],
  ])('ends with exit code 4 and an error message: %j', async (args) => {
    await using fixture = await createFixture();
    const run = await fixture.cli.run(...args);
    expectExitCode(run, 4);
    expect(run.stderr.trim()).not.toBe('');
    expect(run.stderr).not.toMatch(/^\s+at .*\.js:\d+/m);
  });

  test.concurrent.each([['--help'], ['sync --help'], ['--version']])('%s ends with exit code 0', async (line) => {
    await using fixture = await createFixture();
    const run = await fixture.cli.run(...line.split(' '));
    expectExitCode(run, 0);
    expect(run.stdout).toMatch(line === '--version' ? /\d+\.\d+\.\d+/ : /sync/);
  });

  test.concurrent('all mistakes of a configuration are reported at once, each with its path', async () => {
    await using fixture = await createFixture();
    fixture.cli.configure({
      ...configuration(
        [
          { ...target(fixture.server.url), guard: { maxRemoval: '5%' } },
          {
            ...target('ftp://nowhere'),
            limits: { requestsPerSecond: 'fast' },
            auth: { type: 'bearer', token: { env: 'NOT_SET' } },
          },
          {
            ...target(fixture.server.url),
            name: 'third',
            scope: { users: 'user.department ==' },
            mapping: { user: { 'emails[': 'user.email' } },
          },
        ],
        groupFiles,
      ),
      schedule: 'whenever',
      timzone: 'UTC',
    });
    const run = await fixture.cli.run('sync');
    expectExitCode(run, 4);
    for (const part of [
      'guard',
      'maxRemovals',
      'targets[1].url',
      'requestsPerSecond',
      'NOT_SET',
      'targets[2].scope.users',
      'emails[',
      'schedule',
      'timezone',
      'app',
    ])
      expect(run.stderr).toContain(part);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test.concurrent('a JSON syntax error is reported with its line', async () => {
    await using fixture = await createFixture();
    writeFileSync(fixture.cli.path('sync.config.json'), '{\n  "state": "./x.db",\n  "targets": [,]\n}\n');
    const run = await fixture.cli.run('check');
    expectExitCode(run, 4);
    expect(run.stderr).toMatch(/line 3|:3\b/);
  });

  test.concurrent('check sends no writes, and names an unreachable target', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(131, 5));
    const reachable = await fixture.cli.run('check');
    expectExitCode(reachable, 0);
    expect(reachable.stdout + reachable.stderr).toContain('app');
    expect(writes(drainLog(fixture.server))).toEqual([]);
    await fixture.server.close();
    const unreachable = await fixture.cli.run('check');
    expectExitCode(unreachable, 1);
    expect(unreachable.stdout + unreachable.stderr).toContain('app');
  });

  test.concurrent(
    'check looks up a user where lists are unreliable, and does not request ServiceProviderConfig with discovery off',
    async () => {
      await using fixture = await createFixture({
        target: { profile: { extends: 'generic', protocol: { listing: 'unreliable', discovery: 'off' } } },
      });
      fixture.cli.export(createCompany(133, 5));
      const reachable = await fixture.cli.run('check');
      expectExitCode(reachable, 0);
      expect(reachable.stdout).toContain('app');
      expect(
        drainLog(fixture.server).map(
          ({ method, path, query }) => `${method} ${path} ${query.includes('filter=') ? 'filter' : ''}`,
        ),
      ).toEqual(['GET /Users filter', 'GET /Users filter']);
      expectExitCode(await fixture.cli.run('sync'), 0);
      expect(fixture.server.users.size).toBe(5);
      await fixture.server.close();
      expectExitCode(await fixture.cli.run('check'), 1);
    },
  );

  test.concurrent('-c reads another configuration file, and its paths are relative to that file', async () => {
    await using fixture = await createFixture();
    mkdirSync(fixture.cli.path('deep'));
    fixture.cli.export(createCompany(132, 3));
    for (const name of ['sync.config.json', 'users.csv', 'groups.csv', 'memberships.csv'])
      renameSync(fixture.cli.path(name), fixture.cli.path(`deep/${name}`));
    expectExitCode(await fixture.cli.run('sync', '-c', 'deep/sync.config.json'), 0);
    expect(fixture.server.users.size).toBe(3);
  });
});

describe('reports', () => {
  test.concurrent('status, history and explain report the passes and the changes', async () => {
    await using fixture = await createFixture();
    const company = createCompany(133, 25, 2);
    expectExitCode(await fixture.cli.run('status', '--json'), 0);
    expectExitCode(await fixture.pass(company), 0);
    const [leaver] = peopleWithoutReports(company, 1);
    if (leaver === undefined) throw new Error('there is no such person');
    leave(company, leaver.id);
    byId(company, 'e00002').title = 'Astronaut';
    expectExitCode(await fixture.pass(company), 0);

    const status = await fixture.cli.run('status', '--json');
    expectExitCode(status, 0);
    expect(status.lines.length).toBeGreaterThan(0);
    expect(status.stdout).toContain('app');
    expect((await fixture.cli.run('status')).stdout).toContain('app');

    const history = await fixture.cli.run('history', '--user', leaver.id, '--json');
    expectExitCode(history, 0);
    expect(history.lines.length).toBeGreaterThanOrEqual(2);
    for (const word of ['create', 'deactivate', leaver.userName]) expect(history.stdout).toContain(word);
    expect(history.lines.filter(({ key }) => key === 'e00002')).toEqual([]);
    const byName = await fixture.cli.run('history', '--user', leaver.userName, '--json');
    expect(byName.lines.length).toBe(history.lines.length);
    const group = await fixture.cli.run('history', '--group', 'Team 1', '--target', 'app', '--json');
    expect(group.stdout).toContain('Team 1');
    expect((await fixture.cli.run('history', '--user', 'e00002')).stdout).toMatch(/Astronaut|title/);
    expect((await fixture.cli.run('history', '--since', '2000-01-01', '--json')).lines.length).toBeGreaterThan(25);
    expect((await fixture.cli.run('history', '--since', '2999-01-01', '--json')).lines).toEqual([]);
  });

  test.concurrent('explain shows the source, the target and the pending change of the current export', async () => {
    await using fixture = await createFixture();
    const company = createCompany(135, 5, 1);
    byId(company, 'e00002').title = 'Astronaut';
    expectExitCode(await fixture.pass(company), 0);
    for (const subject of ['e00002', 'p2@corp.example']) {
      const explain = await fixture.cli.run('explain', subject);
      expectExitCode(explain, 0);
      for (const word of ['p2@corp.example', 'app', 'Astronaut']) expect(explain.stdout).toContain(word);
    }
    expect((await fixture.cli.run('explain', 'Team 1')).stdout).toContain('Team 1');
    const unknown = await fixture.cli.run('explain', 'unknown@corp.example');
    expect(unknown.stderr + unknown.stdout).toContain('unknown@corp.example');

    byId(company, 'e00002').title = 'Diver';
    fixture.cli.export(company);
    expect((await fixture.cli.run('plan')).stdout).toContain('Diver');
    expect((await fixture.cli.run('explain', 'e00002')).stdout).toMatch(/Astronaut[^]*Diver|Diver[^]*Astronaut/);
  });

  test.concurrent('explain works before the first pass', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(136, 3));
    const explain = await fixture.cli.run('explain', 'e00002');
    expectExitCode(explain, 0);
    expect(explain.stdout).toContain('p2@corp.example');
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test.concurrent('explain states why a user is out of scope', async () => {
    await using fixture = await createFixture({ target: { scope: { users: "user.department != 'Contractors'" } } });
    const company = createCompany(134, 5);
    byId(company, 'e00003').department = 'Contractors';
    byId(company, 'e00004').department = '';
    expectExitCode(await fixture.pass(company), 0);
    expect((await fixture.cli.run('explain', 'e00003')).stdout).toMatch(/scope/i);
    const missing = await fixture.cli.run('explain', 'e00004', '--target', 'app');
    expect(missing.stdout).toMatch(/department/);
    expect(Object.keys(fixture.state().users).sort()).toEqual(['e00001', 'e00002', 'e00005']);
  });
});

test.concurrent('the sandbox starts, prints its URL, and responds', async () => {
  await using fixture = await createFixture();
  const sandbox = fixture.cli.start('sandbox', '--port', '0');
  const output = (): string => sandbox.output().stdout + sandbox.output().stderr;
  while (!/http:\/\/127\.0\.0\.1:\d+/.test(output()) && sandbox.child.exitCode === null)
    await new Promise((done) => setTimeout(done, 20));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0] ?? '';
  const response = await fetch(`${url}/scim/v2/Users`);
  expect([200, 401]).toContain(response.status);
  sandbox.child.kill('SIGTERM');
  expectExitCode(await sandbox.exited, 0);
});
