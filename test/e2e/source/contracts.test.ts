import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createFixture, expectExitCode } from '../../world/fixture.ts';
import { createSkippingClock } from '../../world/skipping-clock.ts';
import { dayMs } from '../../../src/model/time.ts';

jest.setTimeout(60_000);

const start = Date.UTC(2026, 11, 1, 9);
const staff = Array.from({ length: 30 }, (_, index) => `e${index},staff${index},Clerk,,\n`).join('');

/** Users with several contracts, in a file that does not change, and a clock that the test sets. */
async function contracts(rows: string) {
  const clock = createSkippingClock(start);
  const fixture = await createFixture({
    inProcess: true,
    clock,
    source: {
      users: {
        ...{ file: 'users.csv', key: 'id', validFrom: 'user.start', validTo: 'user.end', timezone: 'UTC' },
        rows: 'anyActive',
      },
    },
    target: { mapping: { user: { title: 'user.job' } }, joiners: { createDaysBefore: 7 } },
  });
  writeFileSync(fixture.cli.path('users.csv'), `id,userName,job,start,end\n${staff}${rows}`);
  return {
    /** The state of these users after a pass at 9:00 on this day of December: active, and the title. */
    async on(day: number, ...names: readonly string[]) {
      clock.set(start + (day - 1) * dayMs);
      expectExitCode(await fixture.cli.run('sync', '--json'), 0);
      return names.map((name) => {
        const user = [...fixture.server.users.values()].find(({ data }) => data['userName'] === name);
        return user === undefined ? 'none' : `${String(user.data['active'])} ${String(user.data['title'])}`;
      });
    },
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

test('the contract that counts is chosen by time, also in an unchanged file', async () => {
  await using company = await contracts(
    'ada,ada,Trainee,,2026-12-10\n' +
      'ada,ada,Engineer,2026-12-11,\n' +
      'bob,bob,Seller,2026-12-20,\n' +
      'bob,bob,Buyer,2026-12-05,2026-12-12\n' +
      'cyd,cyd,Editor,,2026-12-03\n' +
      'cyd,cyd,Author,2026-01-01,2026-12-08\n',
  );
  const states: Readonly<Record<number, readonly string[]>> = {
    1: ['true Trainee', 'false Buyer', 'true Editor'],
    4: ['true Trainee', 'false Buyer', 'true Author'],
    5: ['true Trainee', 'true Buyer', 'true Author'],
    9: ['true Trainee', 'true Buyer', 'false Author'],
    10: ['true Trainee', 'true Buyer', 'false Author'],
    11: ['true Engineer', 'true Buyer', 'false Author'],
    13: ['true Engineer', 'false Buyer', 'false Author'],
    20: ['true Engineer', 'true Seller', 'false Author'],
  };
  for (const [day, expected] of Object.entries(states))
    expect([day, await company.on(Number(day), 'ada', 'bob', 'cyd')]).toEqual([day, expected]);
});

test('many users may go from one contract to the next on one day', async () => {
  const keys = Array.from({ length: 12 }, (_, index) => `c${index}`);
  await using company = await contracts(
    keys.map((key) => `${key},${key},Trainee,,2026-12-31\n${key},${key},Engineer,2027-01-01,\n`).join(''),
  );
  expect(new Set(await company.on(1, ...keys))).toEqual(new Set(['true Trainee']));
  expect(new Set(await company.on(32, ...keys))).toEqual(new Set(['true Engineer']));
});
