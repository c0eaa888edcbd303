import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { byId, createCompany, hire, leave, peopleWithoutReports, type Company } from '../world/company.ts';
import {
  countRequests,
  noSanityChecks,
  expectExitCode,
  operationLines,
  summaryLines,
  drainLog,
  createFixture,
  writes,
  type Fixture,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { LogEntry } from '../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const isRemoval = ({ method, body }: LogEntry): boolean =>
  method === 'DELETE' ||
  /"active":false|"path":"active","value":false|"op":"remove"/.test(JSON.stringify(body ?? null));

/** Loads 100 people into the application; then `count` of them leave, from the 31st on. They have no reports. */
async function companyWithLeavers(fixture: Fixture, count: number): Promise<Company> {
  const company = createCompany(71, 100, 3);
  for (const person of company.people.values()) if (Number(person.id.slice(1)) > 20) person.manager = 'e00001';
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  for (const id of [...company.people.keys()].slice(30, 30 + count)) leave(company, id);
  return company;
}

describe('the guard', () => {
  test('holds 28 leavers of 100 with exit code 3, and carries out joiners and movers', async () => {
    await using fixture = await createFixture();
    const company = await companyWithLeavers(fixture, 28);
    const joiner = hire(company, { manager: undefined });
    byId(company, 'e00001').title = 'Mover';
    const run = await fixture.pass(company);
    expectExitCode(run, 3);
    const log = drainLog(fixture.server);
    expect(log.filter(isRemoval)).toEqual([]);
    expect(fixture.state().users[joiner.id]).toMatchObject({ active: true });
    expect(fixture.state().users['e00001']).toMatchObject({ title: 'Mover' });
    expect(summaryLines(run)[0]?.['held']).toMatchObject({});
    expect(
      operationLines(run).filter(({ outcome, action }) => outcome === 'held' && action === 'deactivate'),
    ).toHaveLength(28);
    const result = await fixture.cli.run('sync');
    expectExitCode(result, 3);
    expect(result.stdout + result.stderr).toMatch(/28/);
    expect(result.stdout + result.stderr).toMatch(/--allow-removals/);
    expect(drainLog(fixture.server).filter(isRemoval)).toEqual([]);
  });

  test('--allow-removals raises the limit for one pass, and a number that is too small has no effect', async () => {
    await using fixture = await createFixture();
    const company = await companyWithLeavers(fixture, 20);
    expectExitCode(await fixture.pass(company, '--allow-removals', '5'), 3);
    expect(drainLog(fixture.server).filter(isRemoval)).toEqual([]);
    expectExitCode(await fixture.pass(company, '--allow-removals', '1000'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    for (const { id } of peopleWithoutReports(company, 20)) leave(company, id);
    expectExitCode(await fixture.pass(company), 3);
  });

  test('--plan approves a plan by its id', async () => {
    await using fixture = await createFixture();
    const company = await companyWithLeavers(fixture, 20);
    fixture.cli.export(company);
    const id = await plannedId(fixture);
    expectExitCode(await fixture.cli.run('sync', '--plan', id), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('--plan refuses the id of an outdated plan', async () => {
    await using fixture = await createFixture();
    const company = await companyWithLeavers(fixture, 20);
    fixture.cli.export(company);
    const id = await plannedId(fixture);
    leave(company, peopleWithoutReports(company, 1)[0]?.id ?? '');
    fixture.cli.export(company);
    const run = await fixture.cli.run('sync', '--plan', id);
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: plan.outOfDate)');
    expect(writes(drainLog(fixture.server))).toEqual([]);
    const unknownId = await fixture.cli.run('sync', '--plan', 'no-such-plan');
    expectExitCode(unknownId, 1);
    expect(unknownId.stderr).toContain('(code: plan.outOfDate)');
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('also counts deletions of users and groups and removals of members', async () => {
    await using fixture = await createFixture({
      source: noSanityChecks,
      target: { leavers: { action: 'delete', groups: 'delete' } },
      inProcess: true,
    });
    const company = createCompany(72, 40, 20);
    expectExitCode(await fixture.pass(company), 0);
    for (const team of company.teams.values()) team.members.clear();
    expectExitCode(await fixture.pass(company), 3);
    expect(drainLog(fixture.server).filter(isRemoval)).toEqual([]);
    const teams = [...company.teams.keys()];
    for (const id of teams.slice(0, 15)) company.teams.delete(id);
    expectExitCode(await fixture.pass(company), 3);
    expect(drainLog(fixture.server).filter(isRemoval)).toEqual([]);
    expect(fixture.server.groups.size).toBe(20);
  });

  test('the default limit does not hold 10 leavers of 100, and a limit of 3 holds 4', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = await companyWithLeavers(fixture, 10);
    expectExitCode(await fixture.pass(company), 0);
    await using strict = await createFixture({ target: { guard: { maxRemovals: 3 } }, inProcess: true });
    const other = await companyWithLeavers(strict, 4);
    expectExitCode(await strict.pass(other), 3);
    expect(drainLog(strict.server).filter(isRemoval)).toEqual([]);
  });

  test('holds 60 renames at once', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(73, 60);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    for (const person of company.people.values()) person.userName = person.userName.replace('corp', 'newcorp');
    expectExitCode(await fixture.pass(company), 3);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });
});

describe('an implausible source', () => {
  test('without users, no user loses access, even with maxRemovals 100%', async () => {
    await using fixture = await createFixture({ target: { guard: { maxRemovals: '100%' } } });
    const company = await companyWithLeavers(fixture, 0);
    const empty = createCompany(1, 0);
    expect([1, 3]).toContain((await fixture.pass(empty)).code);
    expectExitCode(await fixture.pass(empty, '--accept-source'), 3);
    expect(drainLog(fixture.server).filter(isRemoval)).toEqual([]);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('with half of the users is refused, and --accept-source accepts it for one pass', async () => {
    await using fixture = await createFixture({ target: { guard: { maxRemovals: '100%' } } });
    const company = await companyWithLeavers(fixture, 50);
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: source.shrunk)');
    expect(run.stderr).toContain('--accept-source');
    expect(drainLog(fixture.server)).toEqual([]);
    expectExitCode(await fixture.pass(company, '--accept-source'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('with a column that is suddenly blank is refused, and the error names the column', async () => {
    await using fixture = await createFixture();
    const company = await companyWithLeavers(fixture, 0);
    for (const person of [...company.people.values()].slice(0, 60)) person.title = '';
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    expect(run.stderr).toContain('(code: source.blanked)');
    expect(run.stderr).toContain('title');
    expect(drainLog(fixture.server)).toEqual([]);
  });
});

test('a protected account is not changed, and the plan reports it', async () => {
  await using fixture = await createFixture({
    target: { protect: "scim.userName.startsWith('breakglass')", leavers: { action: 'delete' } },
  });
  const company = createCompany(74, 12);
  const leaver = hire(company, { userName: 'breakglass.1@corp.example', title: 'Key' });
  const mover = hire(company, { userName: 'breakglass.2@corp.example', title: 'Key' });
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  leave(company, leaver.id);
  mover.title = 'Changed';
  fixture.cli.export(company);
  const plan = await fixture.cli.run('plan');
  expect(plan.stdout + plan.stderr).toMatch(/protect/i);
  await fixture.cli.run('sync');
  expect(writes(drainLog(fixture.server))).toEqual([]);
  expect([fixture.state().users[leaver.id], fixture.state().users[mover.id]]).toMatchObject([
    { active: true, title: 'Key' },
    { active: true, title: 'Key' },
  ]);
});

describe('a broken export removes no user', () => {
  let fixture: Fixture;
  let company: Company;
  let validExport: string;

  // No user left, so only a row that cannot be read could make one absent.
  beforeAll(async () => {
    fixture = await createFixture();
    company = await companyWithLeavers(fixture, 0);
    fixture.cli.export(company);
    validExport = readFileSync(fixture.cli.path('users.csv'), 'utf8');
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  const rowsOf = (text: string): string[] => text.split('\n').filter((row) => row !== '');

  test.each<[string, (good: string) => string | Buffer, readonly number[]]>([
    ['a quote that is not closed', (good) => good.replace(/\ne00012,/, '\ne00012,"'), [0, 1, 3]],
    ['a row with an extra field', (good) => good.replace(/\ne00012,/, '\ne00012,extra,'), [0, 1, 3]],
    ['a duplicate key', (good) => `${good}${rowsOf(good)[3] ?? ''}\n`, [0, 1, 3]],
    ['an empty key', (good) => good.replace(/\ne00012,/, '\n,'), [0, 1, 3]],
    ['a missing mapped column', (good) => good.replace('email', 'e-mail'), [1, 4]],
    ['a missing key column', (good) => good.replace(/^id,/, 'ident,'), [1, 4]],
    ['an empty file', () => '', [1]],
    ['an HTML page', () => '<!doctype html>\n<html><body>Sign in</body></html>\n', [1, 4]],
    ['another delimiter', (good) => good.replaceAll(',', ';'), [1, 4]],
    [
      'invalid UTF-8',
      (good) =>
        Buffer.concat([
          Buffer.from(rowsOf(good).slice(0, 30).join('\n')),
          Buffer.from([10, 0x65, 0xff, 0xfe, 0x2c, 10]),
        ]),
      [0, 1, 3],
    ],
    ['truncated in the middle of a row', (good) => good.slice(0, Math.floor(good.length * 0.8)), [0, 1, 3]],
    ['an unknown value of active', (good) => good.replaceAll(',true,', ',perhaps,'), [0, 1, 3]],
  ])('%s', async (_what, corrupt, codes) => {
    writeFileSync(fixture.cli.path('users.csv'), corrupt(validExport));
    const run = await fixture.cli.run('sync', '--json');
    expect(codes).toContain(run.code);
    expect(run.stderr).not.toBe('');
    expect(drainLog(fixture.server).filter(isRemoval)).toEqual([]);
    expect(Object.values(fixture.state().users).filter(({ active }) => active !== true)).toEqual([]);
    expect(fixture.server.users.size).toBe(100);
  });

  test('the next valid export is carried out', async () => {
    fixture.cli.export(company);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('a missing file', async () => {
    await using empty = await createFixture({ source: {} });
    expectExitCode(await empty.cli.run('sync'), 1);
    expect(drainLog(empty.server)).toEqual([]);
  });

  test('a broken membership file removes no member', async () => {
    const memberships = readFileSync(fixture.cli.path('memberships.csv'), 'utf8');
    drainLog(fixture.server);
    for (const text of [
      '',
      'group,member\n',
      `${memberships.slice(0, 300)}\nt1`,
      memberships.replace('member', 'mmbr'),
    ]) {
      writeFileSync(fixture.cli.path('memberships.csv'), text);
      await fixture.cli.run('sync');
      expect(countRequests(drainLog(fixture.server).filter(isRemoval), 'PATCH', /./)).toBe(0);
    }
    fixture.cli.export(company);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });
});

/** The id of the plan that `plan` prints, for `sync --plan ID`. */
async function plannedId(fixture: Fixture): Promise<string> {
  const { stdout, stderr } = await fixture.cli.run('plan');
  const id = /--plan[ =]([\w.:-]+)/.exec(stdout + stderr)?.[1];
  if (id === undefined) throw new Error(`the plan does not print its id:\n${stdout}\n${stderr}`);
  return id;
}
