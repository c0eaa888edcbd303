import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createFixture, drainLog, expectExitCode, summaryLines, writes } from '../../world/fixture.ts';
import type { Fixture } from '../../world/fixture.ts';
import { createSkippingClock } from '../../world/skipping-clock.ts';
import { dayMs } from '../../../src/model/time.ts';

jest.setTimeout(60_000);

const staff = Array.from({ length: 30 }, (_, index) => `e${index},staff${index},,\n`).join('');
const people = (...rows: readonly string[]): string =>
  `id,userName,start,end\n${staff}${rows.map((row) => `${row}\n`).join('')}`;

/** A company of 30 at 9:00 on 2 March 2026, with a source that has dates, and a clock that the test sets. */
async function datedCompany(target: Readonly<Record<string, unknown>>) {
  const clock = createSkippingClock(Date.UTC(2026, 2, 2, 9));
  const fixture = await createFixture({
    inProcess: true,
    clock,
    source: { users: { file: 'users.csv', key: 'id', validFrom: 'user.start', validTo: 'user.end', timezone: 'UTC' } },
    target: { mapping: { user: {} }, ...target },
  });
  return {
    fixture,
    export: (...rows: readonly string[]): void => {
      writeFileSync(fixture.cli.path('users.csv'), people(...rows));
    },
    /** Runs one pass after this number of days. */
    passAfter: async (days: number, ...args: readonly string[]) => {
      await clock.sleep(days * dayMs);
      return fixture.cli.run('sync', '--json', ...args);
    },
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

/** Whether each of these users is active at the target; null: there is no account. */
const stateOf = ({ server }: Fixture, ...names: readonly string[]): readonly (boolean | null)[] =>
  names.map((name) => {
    const user = [...server.users.values()].find(({ data }) => data['userName'] === name);
    return user === undefined ? null : user.data['active'] !== false;
  });

describe('dates', () => {
  test('in an unchanged file create accounts, activate them on the start day and end them after the last', async () => {
    await using company = await datedCompany({ joiners: { createDaysBefore: 7 } });
    const { fixture } = company;
    const joiners = ['ada', 'bob', 'cy', 'dan', 'eve'];
    company.export();
    expectExitCode(await company.passAfter(0), 0);
    // Five of 35 start on one day, and one of them is there for a week only.
    company.export(...joiners.map((name) => `${name},${name},2026-03-12,${name === 'eve' ? '2026-03-18' : ''}`));
    expectExitCode(await company.passAfter(1), 0);
    expect(stateOf(fixture, ...joiners)).toEqual([null, null, null, null, null]);
    for (const [days, ada, eve] of [
      [2, false, false],
      [6, false, false],
      [1, true, true],
      [6, true, true],
      [1, true, false],
    ] as const) {
      expectExitCode(await company.passAfter(days), 0);
      expect(stateOf(fixture, ...joiners)).toEqual([ada, ada, ada, ada, eve]);
    }
    drainLog(fixture.server);
    expectExitCode(await company.passAfter(1), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['deleteAfterDays', { action: 'deactivate', deleteAfterDays: 30 }, '2026-03-01'],
    ['the last day', { action: 'delete' }, '2026-03-20'],
  ])('a clock that jumps holds deletions by %s for one pass', async (_, leavers, end) => {
    await using company = await datedCompany({ leavers });
    const { fixture } = company;
    company.export('ada,ada,,2026-03-20', 'bob,bob,,');
    expectExitCode(await company.passAfter(0), 0);
    company.export(`ada,ada,,${end}`, 'bob,bob,,');
    for (let day = 0; day < 3; day += 1) expectExitCode(await company.passAfter(1), 0);
    const before = stateOf(fixture, 'ada', 'bob');
    expect(before[0]).not.toBeNull();
    const jump = await company.passAfter(60);
    expectExitCode(jump, 3);
    const [summary] = summaryLines(jump);
    expect(summary?.['held']).toMatchObject({ kinds: [{ code: 'guard.clockJump', planned: 1 }], removals: 1 });
    const reasons = JSON.stringify(summary?.['held']);
    expect(['2026-03-05T09:00', '2026-05-04T09:00'].filter((moment) => !reasons.includes(moment))).toEqual([]);
    expect(stateOf(fixture, 'ada', 'bob')).toEqual(before);
    expectExitCode(await company.passAfter(0.01), 0);
    expect(stateOf(fixture, 'ada', 'bob')).toEqual([null, true]);
  });

  test('a deletion is not held where passes are rare, or the source ends the access', async () => {
    await using company = await datedCompany({ leavers: { action: 'delete' } });
    company.export('ada,ada,,2026-03-20', 'bob,bob,,');
    for (const days of [0, 7, 7]) expectExitCode(await company.passAfter(days), 0);
    expectExitCode(await company.passAfter(7), 0);
    expect(stateOf(company.fixture, 'ada', 'bob')).toEqual([null, true]);
    company.export();
    expectExitCode(await company.passAfter(60), 0);
    expect(stateOf(company.fixture, 'bob')).toEqual([null]);
  });
});
