import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createFixture, expectExitCode, summaryLines, type Fixture } from '../../world/fixture.ts';
import { createSkippingClock } from '../../world/skipping-clock.ts';
import { dayMs } from '../../../src/model/time.ts';

jest.setTimeout(120_000);

const start = Date.UTC(2026, 2, 2, 9);
/** A date this number of days after the first pass. */
const dateOn = (day: number, from = start): string => new Date(from + day * dayMs).toISOString().slice(0, 10);
const datedConfig = {
  source: { users: { file: 'users.csv', key: 'id', validTo: 'user.end', timezone: 'UTC' } },
  target: { mapping: { user: {} }, leavers: { action: 'delete' } },
};
const staff = Array.from({ length: 30 }, (_, index) => `e${index},staff${index},,\n`).join('');

/**
 * A company whose end dates delete accounts, and a clock that the test sets. The last days of Ada and Cyd are given as
 * days after the first pass.
 */
async function companyWithEnds(ends: Readonly<Record<string, number>>) {
  const clock = createSkippingClock(start);
  const fixture = await createFixture({ inProcess: true, clock, ...datedConfig });
  const rows = Object.entries(ends).map(([name, day]) => `${name},${name},${dateOn(day)}\n`);
  writeFileSync(fixture.cli.path('users.csv'), `id,userName,end\n${staff.replaceAll(',,', ',')}${rows.join('')}`);
  return {
    fixture,
    /** Runs one pass on this day. */
    passOn: (day: number, ...args: readonly string[]) => {
      clock.set(start + day * dayMs);
      return fixture.cli.run('sync', '--json', ...args);
    },
    /** Whether these users have an account. */
    has: (...names: readonly string[]): readonly boolean[] => names.map((name) => hasAccount(fixture, name)),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

const hasAccount = ({ server }: Fixture, name: string): boolean =>
  [...server.users.values()].some(({ data }) => data['userName'] === name);

const hour = 1 / 24;
const days = (count: number, every: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index * every);

describe('a clock that jumps forward deletes no account in the first pass, and does in the next one', () => {
  test.each<[string, readonly number[], number, number]>([
    ['hourly, two days', days(5, hour), 2, hour],
    ['hourly, a year', days(5, hour), 365, hour],
    ['daily, two days', days(4, 1), 5.5, 1],
    ['weekly, two days', days(3, 7), 23, 7],
    ['weekly, a year', days(3, 7), 380, 7],
    ['the second pass of all', [0], 2, 0.01],
  ])('%s', async (_, passes, jump, interval) => {
    const end = Math.ceil((passes.at(-1) ?? 0) + 0.5);
    await using company = await companyWithEnds({ ada: end });
    for (const day of passes) expectExitCode(await company.passOn(day), 0);
    const jumped = await company.passOn(jump);
    expectExitCode(jumped, 3);
    expect(summaryLines(jumped)[0]?.['held']).toMatchObject({ kinds: [{ code: 'guard.clockJump', planned: 1 }] });
    expect(company.has('ada')).toEqual([true]);
    expectExitCode(await company.passOn(jump + interval), 0);
    expect(company.has('ada')).toEqual([false]);
  });
});

describe('passes that are rare, or late, are not held again and again', () => {
  test.each<[string, readonly number[], number]>([
    ['the third weekly pass', [0, 7, 14], 9],
    ['the third monthly pass', [0, 30, 61], 40],
    ['passes of working days', [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14], 12],
  ])('%s is not held', async (_, passes, end) => {
    await using company = await companyWithEnds({ ada: end });
    for (const day of passes) expectExitCode(await company.passOn(day), 0);
    expect(company.has('ada')).toEqual([false]);
  });

  test('a computer that was off for a week holds one pass', async () => {
    await using company = await companyWithEnds({ ada: 2 });
    for (const day of days(4, hour)) expectExitCode(await company.passOn(day), 0);
    expectExitCode(await company.passOn(7), 3);
    expectExitCode(await company.passOn(7 + hour), 0);
    expect(company.has('ada')).toEqual([false]);
  });
});

describe('after a jump of the clock', () => {
  test('a clock that is set right deletes nothing, and gives back what the wrong time took', async () => {
    await using company = await companyWithEnds({ ada: 2, bob: 40, cyd: 70 });
    for (const day of [0, 1]) expectExitCode(await company.passOn(day), 0);
    expectExitCode(await company.passOn(60), 3);
    expect(company.has('ada', 'bob', 'cyd')).toEqual([true, true, true]);
    // Set right after one held pass: the end of Ada comes by itself.
    for (const day of [2, 3.1]) expectExitCode(await company.passOn(day), 0);
    expect(company.has('ada', 'bob', 'cyd')).toEqual([false, true, true]);
    // Ahead for some passes: the second one deletes Bob, who comes back.
    expectExitCode(await company.passOn(61), 3);
    expectExitCode(await company.passOn(62), 0);
    expect(company.has('bob', 'cyd')).toEqual([false, true]);
    expectExitCode(await company.passOn(5), 0);
    expect(company.has('bob', 'cyd')).toEqual([true, true]);
    for (const day of days(40, 1)) await company.passOn(6 + day);
    expect(company.has('bob', 'cyd')).toEqual([false, true]);
  });

  test('a clock that is set back gives access to no user whose access ended', async () => {
    await using company = await companyWithEnds({ ada: 8 });
    for (const day of days(12, 1)) expectExitCode(await company.passOn(day), 0);
    expect(company.has('ada')).toEqual([false]);
    for (const day of [5, 5.1, 6]) expectExitCode(await company.passOn(day, '--full'), 0);
    expect(company.has('ada')).toEqual([false]);
  });
});

describe('the command line, with a clock that is ahead', () => {
  /** The same company; the first pass is now. */
  async function companyOfToday(ends: Readonly<Record<string, number>>) {
    const fixture = await createFixture(datedConfig);
    const rows = Object.entries(ends).map(([name, day]) => `${name},${name},${dateOn(day, Date.now())}\n`);
    writeFileSync(fixture.cli.path('users.csv'), `id,userName,end\n${staff.replaceAll(',,', ',')}${rows.join('')}`);
    return {
      fixture,
      runOn: (day: number, ...args: readonly string[]) => fixture.cli.runAhead(day * dayMs, ...args),
      has: (...names: readonly string[]): readonly boolean[] => names.map((name) => hasAccount(fixture, name)),
      [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
    };
  }

  test('holds a deletion in sync --user, also the second time, and until it is let through', async () => {
    await using company = await companyOfToday({ ada: 40, bob: 41 });
    for (const day of [0, 0.1]) expectExitCode(await company.runOn(day, 'sync'), 0);
    for (const day of [60, 61]) expectExitCode(await company.runOn(day, 'sync', '--user', 'ada'), 3);
    expect(company.has('ada', 'bob')).toEqual([true, true]);
    expectExitCode(await company.runOn(61, 'sync', '--user', 'ada', '--allow-removals', '1'), 0);
    expect(company.has('ada', 'bob')).toEqual([false, true]);
    const plan = await company.runOn(62, 'plan', '--json');
    expectExitCode(plan, 3);
    const { plan: id } = summaryLines(plan)[0] ?? {};
    expectExitCode(await company.runOn(62, 'approve', String(id), '--reason', 'the clock is right'), 0);
    expectExitCode(await company.runOn(62.01, 'sync'), 0);
    expect(company.has('bob')).toEqual([false]);
  });

  test('holds nothing at a target that was paused while other passes went on', async () => {
    await using company = await companyOfToday({ ada: 2 });
    for (const day of [0, 0.1]) expectExitCode(await company.runOn(day, 'sync'), 0);
    expectExitCode(await company.runOn(0.1, 'pause', 'app', '--reason', 'maintenance'), 0);
    for (const day of [1, 2, 3, 4]) await company.runOn(day, 'sync');
    expectExitCode(await company.runOn(4, 'resume', 'app'), 0);
    expectExitCode(await company.runOn(4.5, 'sync'), 0);
    expect(company.has('ada')).toEqual([false]);
  });
});
