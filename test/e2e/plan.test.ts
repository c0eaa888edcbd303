import { describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { byId, company, hire, leave, withoutReports } from '../world/company.ts';
import { expectCode, operations, summaries, taken, world, type World } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

/** All rows of the snapshot's tables, read by somebody who cannot write. */
function snapshot(at: World): unknown {
  const database = new Database(at.desk.path('scimsync.db'), { readonly: true });
  try {
    return ['account', 'membership'].map((name) => database.prepare(`select * from ${name} order by 1, 2, 3, 4`).all());
  } finally {
    database.close();
  }
}

describe('plan', () => {
  test.concurrent(
    'makes no request and changes nothing in the snapshot, and sync then does exactly what it said',
    async () => {
      await using at = await world();
      const made = company(11, 30, 3);
      at.desk.export(made);
      const ahead = await at.desk.run('plan', '--json');
      expectCode(ahead, 0);
      expect(taken(at.server)).toEqual([]);
      expectCode(await at.desk.run('sync'), 0);
      taken(at.server);

      const before = snapshot(at);
      const [gone] = withoutReports(made, 1);
      leave(made, gone?.id ?? '');
      hire(made);
      byId(made, 'e00003').title = 'Astronaut';
      at.desk.export(made);
      const plan = await at.desk.run('plan', '--json');
      expectCode(plan, 0);
      expect(taken(at.server)).toEqual([]);
      expect(snapshot(at)).toEqual(before);
      expect(summaries(plan)).toMatchObject([
        { target: 'app', held: null, counts: { create: 1, update: 1, deactivate: 1, reactivate: 0, delete: 0 } },
      ]);
      expect(operations(plan).find(({ action }) => action === 'update')).toMatchObject({
        target: 'app',
        resource: 'User',
        key: 'e00003',
        name: 'p3@corp.example',
        changes: [{ path: 'title', from: expect.any(String), to: 'Astronaut' }],
      });

      const sync = await at.desk.run('sync', '--json');
      expectCode(sync, 0);
      const essence = (lines: readonly Readonly<Record<string, unknown>>[]): string[] =>
        lines.map(({ action, resource, key }) => `${String(action)} ${String(resource)} ${String(key)}`).sort();
      expect(essence(operations(sync))).toEqual(essence(operations(plan)));
      expect(summaries(sync)[0]?.['counts']).toEqual(summaries(plan)[0]?.['counts']);
      expect(at.state()).toEqual(expectedState(made));
    },
  );

  test.concurrent('works while the application is down', async () => {
    await using at = await world();
    at.desk.export(company(12, 5));
    await at.server.close();
    expectCode(await at.desk.run('plan'), 0);
  });

  test.concurrent('speaks to people in sentences, with the names', async () => {
    await using at = await world();
    const made = company(13, 3);
    expectCode(await at.pass(made), 0);
    byId(made, 'e00002').title = 'Astronaut';
    at.desk.export(made);
    const { stdout } = await at.desk.run('plan');
    expect(stdout).toContain('p2@corp.example');
    expect(stdout).toContain('Astronaut');
    expect(stdout).not.toContain('p3@corp.example');
    expect(stdout).not.toContain('\u001b[');
  });

  test.concurrent('--exit-code is 2 with changes and 0 without', async () => {
    await using at = await world();
    at.desk.export(company(14, 4));
    expectCode(await at.desk.run('plan', '--exit-code'), 2);
    expectCode(await at.desk.run('sync'), 0);
    expectCode(await at.desk.run('plan', '--exit-code'), 0);
  });

  test.concurrent(
    '--target plans for one application only, and an unknown one is an error that names the known',
    async () => {
      await using at = await world();
      at.desk.export(company(15, 4));
      const one = await at.desk.run('plan', '--json', '--target', 'app');
      expect(summaries(one).map(({ target }) => target)).toEqual(['app']);
      const unknown = await at.desk.run('plan', '--target', 'apq');
      expectCode(unknown, 4);
      expect(unknown.stderr).toContain('app');
    },
  );
});
