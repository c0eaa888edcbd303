import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, hire } from '../world/company.ts';
import { configuration, createFixture, drainLog, expectExitCode, groupFiles, target } from '../world/fixture.ts';

jest.setTimeout(60_000);

const usersFrom = (file: string): Readonly<Record<string, unknown>> => ({ users: { file, key: 'id' }, ...groupFiles });

describe('a state belongs to one configuration', () => {
  test('another source is refused, and both are named, until the operator accepts it', async () => {
    await using fixture = await createFixture();
    const company = createCompany(31, 20, 2);
    expectExitCode(await fixture.pass(company), 0);
    renameSync(fixture.cli.path('users.csv'), fixture.cli.path('staff.csv'));
    fixture.cli.configure(configuration([target(fixture.server.url)], usersFrom('staff.csv')));
    drainLog(fixture.server);
    for (const command of ['plan', 'sync']) {
      const refused = await fixture.cli.run(command);
      expectExitCode(refused, 1);
      for (const part of ['source.changed', 'users.csv', 'staff.csv', '--accept-source'])
        expect(refused.stderr).toContain(part);
    }
    expectExitCode(await fixture.cli.run('sync', '--accept-source'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
    expectExitCode(await fixture.cli.run('sync'), 0);
  });

  test('a move of the whole folder is no change', async () => {
    await using fixture = await createFixture();
    const company = createCompany(32, 10, 2);
    expectExitCode(await fixture.pass(company), 0);
    const moved = fixture.cli.path('moved');
    mkdirSync(moved);
    for (const file of ['users.csv', 'groups.csv', 'memberships.csv', 'scimsync.db', 'sync.config.json']) {
      cpSync(fixture.cli.path(file), `${moved}/${file}`);
      rmSync(fixture.cli.path(file));
    }
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync', '--config', `${moved}/sync.config.json`), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('a users file of the same name in another folder is refused', async () => {
    await using fixture = await createFixture();
    expectExitCode(await fixture.pass(createCompany(35, 10, 2)), 0);
    const other = fixture.cli.path('other');
    mkdirSync(other);
    for (const file of ['users.csv', 'groups.csv', 'memberships.csv'])
      cpSync(fixture.cli.path(file), `${other}/${file}`);
    const config = JSON.parse(readFileSync(fixture.cli.path('sync.config.json'), 'utf8')) as object;
    writeFileSync(`${other}/sync.config.json`, JSON.stringify({ ...config, state: '../scimsync.db' }));
    drainLog(fixture.server);
    const refused = await fixture.cli.run('sync', '--config', `${other}/sync.config.json`);
    expectExitCode(refused, 1);
    for (const part of ['source.changed', fixture.cli.path('users.csv'), `${other}/users.csv`])
      expect(refused.stderr).toContain(part);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('groups, another key column or other settings of the source do not make it another one', async () => {
    await using fixture = await createFixture({ source: {} });
    const company = createCompany(33, 10, 2);
    expectExitCode(await fixture.pass(company), 0);
    fixture.cli.configure(configuration([target(fixture.server.url)], { ...groupFiles, maxAge: '7d' }));
    expectExitCode(await fixture.cli.run('sync'), 0);
  });

  test('only other targets are refused, and all are named; another target beside a known one is normal', async () => {
    await using fixture = await createFixture();
    await using other = await createFixture();
    const company = createCompany(34, 10, 2);
    expectExitCode(await fixture.pass(company), 0);
    const second = { ...target(other.server.url), name: 'crm', auth: { type: 'bearer', token: other.server.token } };
    fixture.cli.configure(configuration([second]));
    const before = readFileSync(fixture.cli.path('scimsync.db')).toString('base64');
    const refused = await fixture.cli.run('plan');
    expectExitCode(refused, 4);
    for (const part of ['target.allOther', fixture.server.url, 'crm', 'scimsync target forget app'])
      expect(refused.stderr).toContain(part);
    expect(readFileSync(fixture.cli.path('scimsync.db')).toString('base64')).toBe(before);
    fixture.cli.configure(configuration([target(fixture.server.url), second]));
    hire(company);
    expectExitCode(await fixture.pass(company), 0);
    fixture.cli.configure(configuration([second]));
    expectExitCode(await fixture.cli.run('sync'), 0);
  });
});
