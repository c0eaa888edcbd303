import { appendFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, hire } from '../world/company.ts';
import { createFixture, drainLog, expectExitCode, groupFiles, summaryLines, type Fixture } from '../world/fixture.ts';

jest.setTimeout(60_000);

const files = ['users.csv', 'groups.csv', 'memberships.csv'] as const;

function age({ cli }: Fixture, hours: number): void {
  const at = Date.now() / 1000 - hours * 3600;
  for (const file of files) utimesSync(cli.path(file), at, at);
}

describe('the age of an export', () => {
  test('is reported above maxAge, and refused above twice of it, until the operator accepts it', async () => {
    await using fixture = await createFixture({ source: { ...groupFiles, maxAge: '36h' } });
    const company = createCompany(21, 10, 2);
    expectExitCode(await fixture.pass(company), 0);
    hire(company);
    fixture.cli.export(company);
    age(fixture, 40);
    const warned = await fixture.cli.run('sync', '--json');
    expectExitCode(warned, 0);
    expect(warned.stderr).toContain('the export is 40 h old (users.csv)');
    expect(summaryLines(warned)).toMatchObject([{ counts: { create: 1 } }]);

    hire(company);
    fixture.cli.export(company);
    age(fixture, 30 * 24);
    drainLog(fixture.server);
    for (const command of ['plan', 'sync']) {
      const refused = await fixture.cli.run(command);
      expectExitCode(refused, 1);
      expect(refused.stderr).toContain('the export is 30 days old (users.csv)');
      expect(refused.stderr).toContain('code: source.tooOld');
    }
    expect(drainLog(fixture.server)).toEqual([]);
    const accepted = await fixture.cli.run('sync', '--accept-source', '--json');
    expectExitCode(accepted, 0);
    expect(summaryLines(accepted)).toMatchObject([{ counts: { create: 1 } }]);
  });

  test('does not matter without maxAge; an unchanged old export is refused, too', async () => {
    await using fixture = await createFixture();
    const company = createCompany(22, 10, 2);
    fixture.cli.export(company);
    age(fixture, 1000);
    expectExitCode(await fixture.cli.run('sync'), 0);
    fixture.cli.configure({
      ...(JSON.parse(readFileSync(fixture.cli.path('sync.config.json'), 'utf8')) as object),
      source: { type: 'csv', users: { file: 'users.csv', key: 'id' }, ...groupFiles, maxAge: '7d' },
    });
    expectExitCode(await fixture.cli.run('sync'), 1);
  });

  test.each(['36', '36 hours', '-1h', '1w'])('of "%s" is a mistake in the configuration', async (maxAge) => {
    await using fixture = await createFixture({ source: { ...groupFiles, maxAge } });
    fixture.cli.export(createCompany(23, 3));
    expectExitCode(await fixture.cli.run('plan'), 4);
  });
});

describe('the end of an export', () => {
  test.each(['\n', '\r\n'])(
    'without its line break %j is refused, until the operator accepts it',
    async (lineBreak) => {
      await using fixture = await createFixture();
      const company = createCompany(24, 10, 2);
      fixture.cli.export(company);
      const users = fixture.cli.path('users.csv');
      const whole = readFileSync(users, 'utf8').trimEnd().replaceAll(/\r?\n/g, lineBreak);
      writeFileSync(users, whole + lineBreak);
      expectExitCode(await fixture.cli.run('sync'), 0);
      // One person fewer, and half of the last row.
      writeFileSync(users, whole.slice(0, -3));
      drainLog(fixture.server);
      const refused = await fixture.cli.run('sync');
      expectExitCode(refused, 1);
      expect(refused.stderr).toContain('code: source.truncated');
      expect(drainLog(fixture.server)).toEqual([]);
      writeFileSync(users, whole);
      expectExitCode(await fixture.cli.run('sync', '--accept-source'), 0);
      // From now on, the file has no line break at its end.
      expectExitCode(await fixture.cli.run('sync'), 0);
      appendFileSync(users, lineBreak);
      expectExitCode(await fixture.cli.run('sync'), 0);
    },
  );

  test('a one-shot pass reads a file that was written this moment', async () => {
    await using fixture = await createFixture({ source: { ...groupFiles, settleSeconds: 3600 } });
    expectExitCode(await fixture.pass(createCompany(25, 5)), 0);
  });
});

test('a copy of an earlier export, which brings a leaver back, is refused until the operator accepts it', async () => {
  await using fixture = await createFixture({ source: groupFiles });
  const company = createCompany(25, 12, 2);
  fixture.cli.export(company);
  age(fixture, 48);
  expectExitCode(await fixture.cli.run('sync'), 0);
  const [leaver] = company.people.values();
  if (leaver !== undefined) leaver.active = false;
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  if (leaver !== undefined) leaver.active = true;
  fixture.cli.export(company);
  age(fixture, 48);
  const refused = await fixture.cli.run('sync');
  expectExitCode(refused, 1);
  expect(refused.stderr).toContain('code: source.wentBack');
  expect(drainLog(fixture.server)).toEqual([]);
  expectExitCode(await fixture.cli.run('sync', '--accept-source'), 0);
  // A newer export in which the person returns needs no approval.
  if (leaver !== undefined) leaver.active = false;
  expectExitCode(await fixture.pass(company), 0);
  if (leaver !== undefined) leaver.active = true;
  expectExitCode(await fixture.pass(company), 0);
});
