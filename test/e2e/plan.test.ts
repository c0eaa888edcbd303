import { describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { byId, createCompany, hire, leave, peopleWithoutReports } from '../world/company.ts';
import {
  expectExitCode,
  operationLines,
  summaryLines,
  drainLog,
  createFixture,
  type Fixture,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

/** All rows of the snapshot's tables, over a read-only connection. */
function readSnapshot(fixture: Fixture): unknown {
  const database = new Database(fixture.cli.path('scimsync.db'), { readonly: true });
  try {
    return ['account', 'membership'].map((name) => database.prepare(`select * from ${name} order by 1, 2, 3, 4`).all());
  } finally {
    database.close();
  }
}

describe('plan', () => {
  test.concurrent(
    'sends no request and does not change the snapshot, and sync then carries out exactly the planned operations',
    async () => {
      await using fixture = await createFixture();
      const company = createCompany(11, 30, 3);
      fixture.cli.export(company);
      const beforeFirstSync = await fixture.cli.run('plan', '--json');
      expectExitCode(beforeFirstSync, 0);
      expect(drainLog(fixture.server)).toEqual([]);
      expectExitCode(await fixture.cli.run('sync'), 0);
      drainLog(fixture.server);

      const before = readSnapshot(fixture);
      const [leaver] = peopleWithoutReports(company, 1);
      leave(company, leaver?.id ?? '');
      hire(company);
      byId(company, 'e00003').title = 'Astronaut';
      fixture.cli.export(company);
      const plan = await fixture.cli.run('plan', '--json');
      expectExitCode(plan, 0);
      expect(drainLog(fixture.server)).toEqual([]);
      expect(readSnapshot(fixture)).toEqual(before);
      expect(summaryLines(plan)).toMatchObject([
        { target: 'app', held: null, counts: { create: 1, update: 1, deactivate: 1, reactivate: 0, delete: 0 } },
      ]);
      expect(operationLines(plan).find(({ action }) => action === 'update')).toMatchObject({
        target: 'app',
        resource: 'User',
        key: 'e00003',
        name: 'p3@corp.example',
        changes: [{ path: 'title', from: expect.any(String), to: 'Astronaut' }],
      });

      const sync = await fixture.cli.run('sync', '--json');
      expectExitCode(sync, 0);
      const identifiers = (lines: readonly Readonly<Record<string, unknown>>[]): string[] =>
        lines.map(({ action, resource, key }) => `${String(action)} ${String(resource)} ${String(key)}`).sort();
      expect(identifiers(operationLines(sync))).toEqual(identifiers(operationLines(plan)));
      expect(summaryLines(sync)[0]?.['counts']).toEqual(summaryLines(plan)[0]?.['counts']);
      expect(fixture.state()).toEqual(expectedState(company));
    },
  );

  test.concurrent('works while the application is down', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(12, 5));
    await fixture.server.close();
    expectExitCode(await fixture.cli.run('plan'), 0);
  });

  test.concurrent('prints the names and the new values of the changed users only, without colours', async () => {
    await using fixture = await createFixture();
    const company = createCompany(13, 3);
    expectExitCode(await fixture.pass(company), 0);
    byId(company, 'e00002').title = 'Astronaut';
    fixture.cli.export(company);
    const { stdout } = await fixture.cli.run('plan');
    expect(stdout).toContain('p2@corp.example');
    expect(stdout).toContain('Astronaut');
    expect(stdout).not.toContain('p3@corp.example');
    expect(stdout).not.toContain('\u001b[');
  });

  test.concurrent('--exit-code is 2 with changes and 0 without', async () => {
    await using fixture = await createFixture();
    fixture.cli.export(createCompany(14, 4));
    expectExitCode(await fixture.cli.run('plan', '--exit-code'), 2);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expectExitCode(await fixture.cli.run('plan', '--exit-code'), 0);
  });

  test.concurrent(
    '--target plans for one application only, and an unknown target is an error that lists the known ones',
    async () => {
      await using fixture = await createFixture();
      fixture.cli.export(createCompany(15, 4));
      const one = await fixture.cli.run('plan', '--json', '--target', 'app');
      expect(summaryLines(one).map(({ target }) => target)).toEqual(['app']);
      const unknown = await fixture.cli.run('plan', '--target', 'apq');
      expectExitCode(unknown, 4);
      expect(unknown.stderr).toContain('app');
      expect(unknown.stderr).toContain('(code: commandLine.unknownTarget)');
    },
  );
});
