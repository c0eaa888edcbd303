import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { byId, company, leave, withoutReports } from '../world/company.ts';
import { configuration, expectCode, groupFiles, taken, target, world, writes } from '../world/setup.ts';

jest.setTimeout(60_000);

describe('the command line', () => {
  test.concurrent.each([
    [['no-such-command']],
    [['sync', '--no-such-option']],
    [['sync', '--allow-removals', 'many']],
    [['sync', '-c', 'no-such-file.json']],
    [['explain']],
  ])('answers %j with code 4 and a sentence', async (args) => {
    await using at = await world();
    const run = await at.desk.run(...args);
    expectCode(run, 4);
    expect(run.stderr.trim()).not.toBe('');
    expect(run.stderr).not.toMatch(/^\s+at .*\.js:\d+/m);
  });

  test.concurrent.each([['--help'], ['sync --help'], ['--version']])('%s is answered with code 0', async (line) => {
    await using at = await world();
    const run = await at.desk.run(...line.split(' '));
    expectCode(run, 0);
    expect(run.stdout).toMatch(line === '--version' ? /\d+\.\d+\.\d+/ : /sync/);
  });

  test.concurrent('all mistakes of a configuration are told at once, each with its path', async () => {
    await using at = await world();
    at.desk.configure({
      ...configuration(
        [
          { ...target(at.server.url), guard: { maxRemoval: '5%' } },
          {
            ...target('ftp://nowhere'),
            limits: { requestsPerSecond: 'fast' },
            auth: { type: 'bearer', token: { env: 'NOT_SET' } },
          },
          {
            ...target(at.server.url),
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
    const run = await at.desk.run('sync');
    expectCode(run, 4);
    for (const words of [
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
      expect(run.stderr).toContain(words);
    expect(taken(at.server)).toEqual([]);
  });

  test.concurrent('a configuration that is no JSON is told with its line', async () => {
    await using at = await world();
    writeFileSync(at.desk.path('sync.config.json'), '{\n  "state": "./x.db",\n  "targets": [,]\n}\n');
    const run = await at.desk.run('check');
    expectCode(run, 4);
    expect(run.stderr).toMatch(/line 3|:3\b/);
  });

  test.concurrent('check changes nothing, and names what it cannot reach', async () => {
    await using at = await world();
    at.desk.export(company(131, 5));
    const good = await at.desk.run('check');
    expectCode(good, 0);
    expect(good.stdout + good.stderr).toContain('app');
    expect(writes(taken(at.server))).toEqual([]);
    await at.server.close();
    const bad = await at.desk.run('check');
    expectCode(bad, 1);
    expect(bad.stdout + bad.stderr).toContain('app');
  });

  test.concurrent(
    'check looks somebody up where lists are not believed, and does not ask for a description that is not there',
    async () => {
      await using at = await world({
        target: { profile: { extends: 'generic', speaks: { listing: 'none', discovery: 'off' } } },
      });
      at.desk.export(company(133, 5));
      const good = await at.desk.run('check');
      expectCode(good, 0);
      expect(good.stdout).toMatch(/answers, and looks users up\n.*it is not asked what it can do/);
      expect(
        taken(at.server).map(
          ({ method, path, query }) => `${method} ${path} ${query.includes('filter=') ? 'filter' : ''}`,
        ),
      ).toEqual(['GET /Users filter', 'GET /Users filter']);
      expectCode(await at.desk.run('sync'), 0);
      expect(at.server.users.size).toBe(5);
      await at.server.close();
      expectCode(await at.desk.run('check'), 1);
    },
  );

  test.concurrent('another configuration file is taken with -c, and its files are beside it', async () => {
    await using at = await world();
    mkdirSync(at.desk.path('deep'));
    at.desk.export(company(132, 3));
    for (const name of ['sync.config.json', 'users.csv', 'groups.csv', 'memberships.csv'])
      renameSync(at.desk.path(name), at.desk.path(`deep/${name}`));
    expectCode(await at.desk.run('sync', '-c', 'deep/sync.config.json'), 0);
    expect(at.server.users.size).toBe(3);
  });
});

describe('what happened', () => {
  test.concurrent('is told by status, history and explain', async () => {
    await using at = await world();
    const made = company(133, 25, 2);
    expectCode(await at.desk.run('status', '--json'), 0);
    expectCode(await at.pass(made), 0);
    const [gone] = withoutReports(made, 1);
    if (gone === undefined) throw new Error('nobody');
    leave(made, gone.id);
    byId(made, 'e00002').title = 'Astronaut';
    expectCode(await at.pass(made), 0);

    const status = await at.desk.run('status', '--json');
    expectCode(status, 0);
    expect(status.lines.length).toBeGreaterThan(0);
    expect(status.stdout).toContain('app');
    expect((await at.desk.run('status')).stdout).toContain('app');

    const history = await at.desk.run('history', '--user', gone.id, '--json');
    expectCode(history, 0);
    expect(history.lines.length).toBeGreaterThanOrEqual(2);
    for (const word of ['create', 'deactivate', gone.userName]) expect(history.stdout).toContain(word);
    expect(history.lines.filter(({ key }) => key === 'e00002')).toEqual([]);
    const byName = await at.desk.run('history', '--user', gone.userName, '--json');
    expect(byName.lines.length).toBe(history.lines.length);
    const group = await at.desk.run('history', '--group', 'Team 1', '--target', 'app', '--json');
    expect(group.stdout).toContain('Team 1');
    expect((await at.desk.run('history', '--user', 'e00002')).stdout).toMatch(/Astronaut|title/);
    expect((await at.desk.run('history', '--since', '2000-01-01', '--json')).lines.length).toBeGreaterThan(25);
    expect((await at.desk.run('history', '--since', '2999-01-01', '--json')).lines).toEqual([]);
  });

  test.concurrent('explain shows source, target and what would be sent, as the export is now', async () => {
    await using at = await world();
    const made = company(135, 5, 1);
    byId(made, 'e00002').title = 'Astronaut';
    expectCode(await at.pass(made), 0);
    for (const who of ['e00002', 'p2@corp.example']) {
      const explain = await at.desk.run('explain', who);
      expectCode(explain, 0);
      for (const word of ['p2@corp.example', 'app', 'Astronaut']) expect(explain.stdout).toContain(word);
    }
    expect((await at.desk.run('explain', 'Team 1')).stdout).toContain('Team 1');
    const nobody = await at.desk.run('explain', 'nobody@nowhere');
    expect(nobody.stderr + nobody.stdout).toContain('nobody@nowhere');

    byId(made, 'e00002').title = 'Diver';
    at.desk.export(made);
    expect((await at.desk.run('plan')).stdout).toContain('Diver');
    expect((await at.desk.run('explain', 'e00002')).stdout).toMatch(/Astronaut[^]*Diver|Diver[^]*Astronaut/);
  });

  test.concurrent('explain answers before the first pass, when a mapping is being written', async () => {
    await using at = await world();
    at.desk.export(company(136, 3));
    const explain = await at.desk.run('explain', 'e00002');
    expectCode(explain, 0);
    expect(explain.stdout).toContain('p2@corp.example');
    expect(taken(at.server)).toEqual([]);
  });

  test.concurrent('explain says why somebody is out of scope', async () => {
    await using at = await world({ target: { scope: { users: "user.department != 'Contractors'" } } });
    const made = company(134, 5);
    byId(made, 'e00003').department = 'Contractors';
    byId(made, 'e00004').department = '';
    expectCode(await at.pass(made), 0);
    expect((await at.desk.run('explain', 'e00003')).stdout).toMatch(/scope/i);
    const missing = await at.desk.run('explain', 'e00004', '--target', 'app');
    expect(missing.stdout).toMatch(/department/);
    expect(Object.keys(at.state().users).sort()).toEqual(['e00001', 'e00002', 'e00005']);
  });
});

test.concurrent('the sandbox starts, says where it is, and serves', async () => {
  await using at = await world();
  const sandbox = at.desk.start('sandbox', '--port', '0');
  const said = (): string => sandbox.output().stdout + sandbox.output().stderr;
  while (!/http:\/\/127\.0\.0\.1:\d+/.test(said()) && sandbox.child.exitCode === null)
    await new Promise((done) => setTimeout(done, 20));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said())?.[0] ?? '';
  const reply = await fetch(`${url}/scim/v2/Users`);
  expect([200, 401]).toContain(reply.status);
  sandbox.child.kill('SIGTERM');
  expectCode(await sandbox.ended, 0);
});
