import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { CliResult } from '../../world/cli-workspace.ts';
import {
  configuration,
  createFixture,
  drainLog,
  expectExitCode,
  operationLines,
  summaryLines,
  target,
  writes,
  type Fixture,
} from '../../world/fixture.ts';

jest.setTimeout(60_000);

interface Row {
  readonly id: string;
  readonly userName: string;
  readonly given: string;
}

const people: readonly Row[] = Array.from({ length: 60 }, (_, index) => ({
  id: `P${index}`,
  userName: `user${index}@x.example`,
  given: `Given${index}`,
}));

/** Another person with the userName of each of the first people. */
const joiners = (count: number): readonly Row[] =>
  people.slice(0, count).map(({ userName }, index) => ({ id: `N${index}`, userName, given: `New${index}` }));

async function open(settings: object = {}, mapping = 'user.userName'): Promise<Fixture> {
  const fixture = await createFixture();
  const user = { userName: mapping, 'name.givenName': 'user.given', 'name.familyName': 'user.id' };
  fixture.cli.configure(
    configuration([target(fixture.server.url, { mapping: { user }, ...settings })], {
      sanity: { maxShrink: '100%' },
    }),
  );
  return fixture;
}

function write({ cli }: Fixture, rows: readonly Row[]): void {
  const lines = rows.map(({ id, userName, given }) => `${id},${userName},${given}`);
  writeFileSync(cli.path('users.csv'), ['id,userName,given', ...lines, ''].join('\n'));
}

const created = ({ server }: Fixture): readonly unknown[] =>
  writes(drainLog(server)).filter(({ method }) => method === 'POST');

const waitingOf = (run: CliResult): unknown => summaryLines(run)[0]?.['waitingForNames'];

const accountOf = ({ server }: Fixture, key: string) =>
  [...server.users.values()].map(({ data }) => data).find(({ externalId }) => externalId === key);

describe('joiners whose userName is held by a leaver', () => {
  test('wait while the guard holds the removal, and go with it', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    write(fixture, [...people.slice(12), ...joiners(12)]);
    drainLog(fixture.server);

    const planned = await fixture.cli.run('plan', '--json');
    expectExitCode(planned, 3);
    const heldCreates = operationLines(planned).filter(({ action }) => action === 'create');
    expect(heldCreates).toHaveLength(12);
    expect(heldCreates.find(({ key }) => key === 'N3')).toMatchObject({
      held: true,
      detail: 'waits for the removal of key P3',
    });
    expect((await fixture.cli.run('plan')).stdout).toContain('waits for the removal of key P3');
    for (let pass = 0; pass < 2; pass += 1) {
      const held = await fixture.cli.run('sync', '--json');
      expectExitCode(held, 3);
      expect(waitingOf(held)).toMatchObject({ total: 12 });
      expect(operationLines(held).filter(({ key }) => key === 'N3')).toMatchObject([
        { outcome: 'held', detail: 'waits for the removal of key P3' },
      ]);
      expect(writes(drainLog(fixture.server))).toEqual([]);
    }
    expect((await fixture.cli.run('status')).stdout).toContain('waits for the removal of key P3');

    const approved = await fixture.cli.run('sync', '--json', '--allow-removals', '12');
    expectExitCode(approved, 0);
    expect(waitingOf(approved)).toEqual({ total: 0, records: [] });
    expect(accountOf(fixture, 'N3')).toMatchObject({ userName: 'user3@x.example', active: true });
    expect(accountOf(fixture, 'P3')).toMatchObject({ active: false });
    expectExitCode(await fixture.cli.run('sync'), 0);
  });

  test.each(['deactivate', 'delete'] as const)(
    'wait while the removal fails, without a request: %s',
    async (action) => {
      await using fixture = await open({ leavers: { action } });
      write(fixture, people);
      expectExitCode(await fixture.cli.run('sync', '--json'), 0);
      const id = [...fixture.server.users.values()].find(({ data }) => data['externalId'] === 'P0')?.id;
      fixture.server.options.fault = ({ method, path }) =>
        (method === 'PATCH' || method === 'DELETE') && path === `/Users/${String(id)}` ? { status: 403 } : undefined;
      write(fixture, [...people.slice(1), ...joiners(1)]);
      drainLog(fixture.server);
      for (let pass = 0; pass < 2; pass += 1) {
        const failing = await fixture.cli.run('sync', '--json');
        expectExitCode(failing, 1);
        expect(waitingOf(failing)).toEqual({
          total: 1,
          records: [
            { resource: 'User', key: 'N0', name: 'user0@x.example', reason: 'waits for the removal of key P0' },
          ],
        });
        expect(created(fixture)).toEqual([]);
      }
      expect((await fixture.cli.run('status')).stdout).toContain('waits for the removal of key P0');
      fixture.server.options.fault = undefined;
      await fixture.cli.run('sync', '--json', '--retry');
      expect(accountOf(fixture, 'N0')).toMatchObject({ userName: 'user0@x.example', active: true });
      expectExitCode(await fixture.cli.run('sync'), 0);
    },
  );
});

describe('two people with one userName', () => {
  const second: Row = { id: 'T1', userName: 'USER1@x.example', given: 'Second' };
  const [, one] = people;

  test.each([
    ['in another case', 'user.userName', second],
    ['after mapping', 'user.userName.split("@")[0]', { ...second, userName: 'user1@other.example' }],
  ])('who are both new: neither is sent, and both are named: %s', async (_, mapping, row) => {
    await using fixture = await open({}, mapping);
    write(fixture, [...people, row]);
    const checked = await fixture.cli.run('check');
    expectExitCode(checked, 1);
    expect(checked.stdout).toContain('P1 and T1');
    const planned = await fixture.cli.run('plan', '--json');
    expectExitCode(planned, 1);
    const problems = planned.lines.filter(({ type, problem }) => type === 'note' && problem === true);
    expect(problems.map(({ key }) => key).sort()).toEqual(['P1', 'T1']);
    expect(String(problems[0]?.['note'])).toContain('P1 and T1');
    for (let pass = 0; pass < 2; pass += 1) {
      expectExitCode(await fixture.cli.run('sync', '--json'), 1);
      expect(fixture.server.users.size).toBe(59);
    }
    expect((await fixture.cli.run('status')).stdout).toContain('P1 and T1');
    write(fixture, [...people, { ...row, userName: 'second@x.example' }]);
    expectExitCode(await fixture.cli.run('check'), 0);
    expectExitCode(await fixture.cli.run('sync', '--json'), 0);
    expect(fixture.server.users.size).toBe(61);
  });

  test('of whom one has an account: only the new one is not sent', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    write(
      fixture,
      [...people, second].map((row) => (row.id === one?.id ? { ...row, given: 'Renamed' } : row)),
    );
    const run = await fixture.cli.run('sync', '--json');
    expectExitCode(run, 1);
    expect(operationLines(run).map(({ key, outcome }) => [key, outcome])).toEqual([['P1', 'done']]);
    expectExitCode(await fixture.cli.run('check'), 1);
    expect((await fixture.cli.run('status')).stdout).toMatch(/key P1 has it/);
    expect(fixture.server.users.size).toBe(60);
  });

  test('of whom one is new and one is renamed: neither changes', async () => {
    await using fixture = await open();
    write(fixture, people);
    expectExitCode(await fixture.cli.run('sync'), 0);
    drainLog(fixture.server);
    write(
      fixture,
      [...people, { ...second, userName: 'fresh@x.example' }].map((row) =>
        row.id === 'P5' ? { ...row, userName: 'Fresh@x.example' } : row,
      ),
    );
    expectExitCode(await fixture.cli.run('sync', '--json'), 1);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });
});
