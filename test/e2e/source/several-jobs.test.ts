import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import {
  configuration,
  createFixture,
  drainLog,
  expectExitCode,
  summaryLines,
  target,
  writes,
  type Fixture,
} from '../../world/fixture.ts';

jest.setTimeout(120_000);

const header = 'employee;userName;title;start;end';

/** Other people, so that one more or less is an ordinary day. */
const others = Array.from({ length: 20 }, (_, index) => `9${index};other${index}@x.example;Clerk;2020-01-01;`);

function write({ cli }: Fixture, rows: readonly string[]): void {
  writeFileSync(cli.path('users.csv'), [header, ...rows, ...others, ''].join('\n'));
}

async function open(users: object): Promise<Fixture> {
  const fixture = await createFixture();
  const user = { userName: 'user.userName', title: 'user.title' };
  fixture.cli.configure(
    configuration([target(fixture.server.url, { mapping: { user } })], {
      users: { file: 'users.csv', key: 'employee', delimiter: ';', active: "user.end == ''", ...users },
    }),
  );
  return fixture;
}

const ada = ({ server }: Fixture): unknown =>
  [...server.users.values()]
    .map(({ data }) => data)
    .filter(({ externalId }) => externalId === '7')
    .map(({ title, active }) => [title, active]);

const ended = '7;ada@x.example;Analyst;2024-03-01;2026-05-31';
const current = '7;ada@x.example;Manager;2019-10-01;';

test.each<[string, object, readonly string[], unknown]>([
  ['anyActive, the job that ended last', { rows: 'anyActive' }, [current, ended], [['Manager', true]]],
  ['anyActive, the job that ended first', { rows: 'anyActive' }, [ended, current], [['Manager', true]]],
  ['anyActive by date', { rows: 'anyActive', orderBy: 'start' }, [ended, current], [['Manager', true]]],
  [
    'anyActive by date, two active',
    { rows: 'anyActive', orderBy: 'start' },
    ['7;ada@x.example;Lead;2026-06-01;', current],
    [['Manager', true]],
  ],
  [
    'last by date, all rows ended',
    { rows: 'last', orderBy: 'start' },
    [ended, '7;ada@x.example;Clerk;2018-01-01;2019-01-01'],
    [],
  ],
  ['first, the first row ended', { rows: 'first' }, [ended, current], []],
  ['last', { rows: 'last' }, [ended, current], [['Manager', true]]],
])('a person with two jobs: %s', async (_what, settings, rows, expected) => {
  await using fixture = await open(settings);
  write(fixture, rows);
  expectExitCode(await fixture.cli.run('sync', '--json'), 0);
  expect(ada(fixture)).toEqual(expected);
  drainLog(fixture.server);
  expectExitCode(await fixture.cli.run('sync', '--json'), 0);
  expect(writes(drainLog(fixture.server))).toEqual([]);
});

test('a person whose last job ends loses the account, and gets it back with another job', async () => {
  await using fixture = await open({ rows: 'anyActive', orderBy: 'start' });
  write(fixture, [ended, current]);
  expectExitCode(await fixture.cli.run('sync'), 0);
  write(fixture, [ended, '7;ada@x.example;Manager;2019-10-01;2026-11-28']);
  expectExitCode(await fixture.cli.run('sync'), 0);
  expect(ada(fixture)).toMatchObject([[expect.anything(), false]]);
  write(fixture, [ended, '7;ada@x.example;Manager;2019-10-01;2026-11-28', '7;ada@x.example;Director;2026-12-01;']);
  expectExitCode(await fixture.cli.run('sync'), 0);
  expect(ada(fixture)).toEqual([['Director', true]]);
});

test('an ordinary day of 1,000 people passes without a hold', async () => {
  await using fixture = await open({});
  const row = (index: number, title: string): string => `${1000 + index};p${index}@x.example;${title};2020-01-01;`;
  const people = Array.from({ length: 1000 }, (_, index) => index);
  write(
    fixture,
    people.map((index) => row(index, 'Clerk')),
  );
  expectExitCode(await fixture.cli.run('sync'), 0);
  drainLog(fixture.server);
  // 1 % leave, 2 % join, 10 % get another title.
  const tomorrow = [...people.slice(10), ...people.slice(0, 20).map((index) => 2000 + index)];
  write(
    fixture,
    tomorrow.map((index, position) => row(index, position < 100 ? 'Reorganised' : 'Clerk')),
  );
  const planned = await fixture.cli.run('plan', '--json');
  expectExitCode(planned, 0);
  expect(summaryLines(planned)[0]).toMatchObject({
    held: null,
    counts: { create: 20, update: 100, deactivate: 10, reactivate: 0, delete: 0 },
  });
  const run = await fixture.cli.run('sync', '--json');
  expectExitCode(run, 0);
  expect(summaryLines(run)[0]).toMatchObject({ held: null, succeeded: 130, failed: 0 });
  expect(writes(drainLog(fixture.server))).toHaveLength(130);
});
