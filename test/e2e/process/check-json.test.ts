import { expect, jest, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { createCompany } from '../../world/company.ts';
import { createFixture, expectExitCode, type Fixture } from '../../world/fixture.ts';
import type { JsonLine } from '../../world/cli-workspace.ts';

jest.setTimeout(60_000);

const check = async ({ cli }: Fixture, code: number): Promise<(type: string) => readonly JsonLine[]> => {
  const run = await cli.run('check', '--json');
  expectExitCode(run, code);
  expect(run.lines).toHaveLength(run.stdout.trimEnd().split('\n').length);
  return (type) => run.lines.filter((line) => line['type'] === type);
};

test('check --json states the source, who is active, the target, and the limits in force', async () => {
  await using fixture = await createFixture({ target: { guard: { maxCreates: 25 } } });
  fixture.cli.export(createCompany(141, 12));
  const before = await check(fixture, 0);
  expect(before('configuration')).toMatchObject([{ targets: ['app'] }]);
  expect(before('columns')[0]?.['users']).toContain('userName');
  expect(before('source')).toMatchObject([{ users: 12, rejected: 0 }]);
  expect(before('activity')).toMatchObject([{ decidedBy: 'column', column: 'active' }]);
  expect(before('reading')).toEqual([{ type: 'reading', refused: false, judgements: [] }]);
  expect(before('target')).toMatchObject([{ target: 'app', access: 'lists no users yet' }]);
  expect(before('serviceProviderConfig')).toMatchObject([{ target: 'app', readable: true }]);
  expect(before('result')).toEqual([{ type: 'result', usable: true, errors: 0, warnings: 0 }]);
  const limitOf = (lines: typeof before, kind: string) =>
    (lines('limits')[0]?.['limits'] as readonly JsonLine[]).find((limit) => limit['kind'] === kind);
  expect(limitOf(before, 'usersRemoved')).toEqual({
    ...{ limit: 'maxRemovals', kind: 'usersRemoved', count: null, share: 0.05, floor: 10, known: null },
  });
  expect(limitOf(before, 'usersCreated')).toMatchObject({ count: 25, share: null, floor: null });
  expectExitCode(await fixture.cli.run('sync'), 0);
  // A target of twelve people: the floor is half of them.
  expect(limitOf(await check(fixture, 0), 'usersRemoved')).toMatchObject({ floor: 6, known: 12 });
});

test('check --json states each problem with its code, and what a pass would refuse', async () => {
  await using fixture = await createFixture();
  const company = createCompany(142, 12);
  fixture.cli.export(company);
  expectExitCode(await fixture.cli.run('sync'), 0);
  await fixture.server.close();
  const unreachable = await check(fixture, 1);
  expect(unreachable('problem')).toMatchObject([{ level: 'error', subject: 'target', target: 'app' }]);
  writeFileSync(fixture.cli.path('users.csv'), 'id,login\n1,ada\n');
  const refused = await check(fixture, 1);
  expect(refused('problem').map(({ code }) => code)).toContain('config.mapping');
  writeFileSync(fixture.cli.path('users.csv'), '');
  const empty = await check(fixture, 1);
  expect(empty('problem')).toContainEqual(
    expect.objectContaining({ level: 'error', subject: 'source', target: null, code: 'csv.empty' }),
  );
  expect(empty('source')).toEqual([]);
  expect(empty('result')).toMatchObject([{ usable: false, errors: 2 }]);
});
