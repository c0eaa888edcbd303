import { existsSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { addTeam, createCompany, hire, type Person } from '../world/company.ts';
import type { CliResult, JsonLine } from '../world/cli-workspace.ts';
import { createFixture, drainLog, expectExitCode, summaryLines, writes, type Fixture } from '../world/fixture.ts';
import type { Resource } from '../world/strict-server/schema.ts';

jest.setTimeout(60_000);

/** All rows of the state, by table, over a read-only connection; none before the first pass. */
function readState({ cli }: Fixture): Readonly<Record<string, readonly unknown[]>> {
  if (!existsSync(cli.path('scimsync.db'))) return {};
  const database = new Database(cli.path('scimsync.db'), { readonly: true });
  try {
    const names = database
      .prepare("select name from sqlite_schema where type = 'table' order by name")
      .pluck()
      .all() as string[];
    return Object.fromEntries(names.map((name) => [name, database.prepare(`select * from ${name}`).all()]));
  } finally {
    database.close();
  }
}

const seed = (fixture: Fixture, person: Person, overrides: Resource = {}): string =>
  fixture.server.seed('User', { userName: person.userName, active: true, ...overrides });

const linesOf = (run: CliResult, type: string): readonly JsonLine[] =>
  run.lines.filter((line) => line['type'] === type);

/** "adopt User e00001", sorted. */
const findingsOf = (run: CliResult): readonly string[] =>
  linesOf(run, 'finding')
    .map(({ finding, resource, key }) => `${String(finding)} ${String(resource)} ${String(key)}`)
    .sort();

function detailOf(run: CliResult, key: string): string {
  const finding = linesOf(run, 'finding').find((line) => line['key'] === key);
  return String(finding?.['detail']);
}

const readTargets = (fixture: Fixture, ...args: string[]): Promise<CliResult> =>
  fixture.cli.run('plan', '--read-targets', '--json', ...args);

/** Runs the comparison, and checks that it changes neither the state nor the target. */
async function readTargetsOnly(fixture: Fixture): Promise<{ readonly run: CliResult; readonly requests: number }> {
  // The first command creates the state file.
  await fixture.cli.run('plan');
  const before = readState(fixture);
  drainLog(fixture.server);
  const run = await readTargets(fixture);
  const log = drainLog(fixture.server);
  expect(writes(log)).toEqual([]);
  expect(readState(fixture)).toEqual(before);
  return { run, requests: log.length };
}

/** A company whose application already has accounts, before the first pass. */
async function createExisting(target: Readonly<Record<string, unknown>> = {}) {
  const fixture = await createFixture({
    target: { scope: { users: "user.department != 'Contractors'" }, ...target },
  });
  const company = createCompany(81, 6);
  const [same, inactive, conflicting, twice] = [...company.people.values()];
  if (same === undefined || inactive === undefined || conflicting === undefined || twice === undefined)
    throw new Error('the company is too small');
  const leaver = hire(company, { active: false });
  const outside = hire(company, { department: 'Contractors' });
  const closed = hire(company, { active: false });
  addTeam(company, 'crew', 'Crew', [same.id]);
  const ids = {
    same: seed(fixture, same, { externalId: same.id }),
    inactive: seed(fixture, inactive, { active: false }),
    conflicting: seed(fixture, conflicting, { externalId: '815' }),
    leaver: seed(fixture, leaver, { externalId: leaver.id }),
    outside: seed(fixture, outside),
  };
  seed(fixture, closed, { active: false });
  fixture.server.seed('User', { userName: 'unmanaged@elsewhere.example', active: true });
  fixture.server.seed('Group', { displayName: 'Crew' });
  fixture.cli.export(company);
  return { fixture, company, same, inactive, conflicting, leaver, outside, ids };
}

test('shows adoptions, conflicts and open accounts of leavers before the first pass, and only reads', async () => {
  const { fixture, same, inactive, conflicting, leaver, outside, ids } = await createExisting();
  await using _fixture = fixture;
  const { run, requests } = await readTargetsOnly(fixture);
  expectExitCode(run, 0);
  expect(findingsOf(run)).toEqual(
    [
      'adopt Group crew',
      `adopt User ${same.id}`,
      `adopt User ${inactive.id}`,
      `conflict User ${conflicting.id}`,
      `leaver User ${leaver.id}`,
      `leaver User ${outside.id}`,
      // The account of the conflict: no record has its externalId.
      'orphan User 815',
    ].sort(),
  );
  expect(linesOf(run, 'orphans')).toEqual([{ type: 'orphans', target: 'app', orphans: 1, unowned: 1 }]);
  expect(detailOf(run, inactive.id)).toContain(`${ids.inactive}, found by userName; it is inactive`);
  for (const part of [ids.conflicting, '"815"', '--adopt-conflicts'])
    expect(detailOf(run, conflicting.id)).toContain(part);
  expect(detailOf(run, leaver.id)).toContain(`${ids.leaver}, found by externalId; a sync adopts it`);
  expect(detailOf(run, outside.id)).toContain(ids.outside);
  expect(linesOf(run, 'listing')).toEqual([
    { type: 'listing', target: 'app', resource: 'User', found: 7, complete: true, detail: null },
    { type: 'listing', target: 'app', resource: 'Group', found: 1, complete: true, detail: null },
  ]);
  // One page of each type, and one request that shows its end.
  expect(requests).toBe(4);

  // The pass does what the comparison showed.
  const pass = await fixture.cli.run('sync', '--json');
  expectExitCode(pass, 1);
  expect(Object.values(ids).map((id) => fixture.server.users.get(id)?.data['active'])).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(fixture.server.users.get(ids.conflicting)?.version).toBe(1);
});

test('shows the accounts that no record owns, as orphans lists them after a pass', async () => {
  const { fixture } = await createExisting();
  await using _fixture = fixture;
  const gone = fixture.server.seed('User', { userName: 'gone', externalId: 'former', active: true });
  const { run } = await readTargetsOnly(fixture);
  expect(findingsOf(run).filter((finding) => finding.startsWith('orphan'))).toEqual([
    'orphan User 815',
    'orphan User former',
  ]);
  expect(detailOf(run, 'former')).toContain(`the active account ${gone}`);
  const text = await fixture.cli.run('plan', '--read-targets');
  expect(text.stdout).toContain('  orphan: user gone (former): ');
  expect(text.stdout).toContain('"scimsync orphans --target app"');
  await fixture.cli.run('sync');
  const listed = await fixture.cli.run('orphans', '--json');
  expect(
    linesOf(listed, 'orphan')
      .map(({ key }) => key)
      .sort(),
  ).toEqual(['815', 'former']);
});

test('prints the same as sentences', async () => {
  const { fixture, conflicting, leaver } = await createExisting();
  await using _fixture = fixture;
  const run = await fixture.cli.run('plan', '--read-targets');
  expectExitCode(run, 0);
  expect(run.stdout).toContain('app: compared with its list of 7 users');
  expect(run.stdout).toContain('app: compared with its list of 1 group\n');
  expect(run.stdout).toContain(`  conflict: user ${conflicting.userName} (${conflicting.id}): `);
  expect(run.stdout).toContain(`  open account: user ${leaver.userName} (${leaver.id}): is inactive in the source`);
});

test('with adoption switched off, accounts are conflicts, and no pass closes the account of a leaver', async () => {
  const { fixture, same, inactive, conflicting, leaver } = await createExisting({ adopt: false });
  await using _fixture = fixture;
  const { run } = await readTargetsOnly(fixture);
  for (const { id } of [same, inactive, conflicting]) expect(findingsOf(run)).toContain(`conflict User ${id}`);
  expect(detailOf(run, leaver.id)).toContain('adoption is switched off');
});

test('shows known accounts that a complete list does not contain, and where the list has them', async () => {
  await using fixture = await createFixture();
  const company = createCompany(82, 5);
  expectExitCode(await fixture.pass(company), 0);
  expect((await readTargetsOnly(fixture)).run.lines.map(({ type }) => type)).toEqual(['summary', 'listing']);
  const [gone, moved] = [...fixture.server.users].map(([id, { data }]) => ({ id, data }));
  if (gone === undefined || moved === undefined) throw new Error('no accounts');
  for (const { id } of [gone, moved]) fixture.server.remove('User', id);
  const { userName, externalId } = moved.data;
  const newId = fixture.server.seed('User', { userName, externalId, active: true });
  const { run, requests } = await readTargetsOnly(fixture);
  expectExitCode(run, 0);
  expect(findingsOf(run)).toEqual([gone, moved].map(({ data }) => `missing User ${String(data['externalId'])}`).sort());
  expect(detailOf(run, String(moved.data['externalId']))).toContain(`under the id ${newId}`);
  expect(requests).toBe(2);
});

test.each([
  ['readable', 1],
  ['notFound', 0],
])('an inactive account that is not listed is missing only where such accounts are shown: %s', async (mode, count) => {
  const profile = { extends: 'generic', protocol: { inactiveUsers: mode } };
  await using fixture = await createFixture({ target: { profile } });
  const company = createCompany(83, 4);
  expectExitCode(await fixture.pass(company), 0);
  const leaver = [...company.people.values()].at(-1);
  if (leaver === undefined) throw new Error('the company is empty');
  leaver.active = false;
  await fixture.pass(company);
  for (const [id, { data }] of fixture.server.users) if (data['active'] === false) fixture.server.remove('User', id);
  expect(fixture.server.users.size).toBe(3);
  expect(linesOf((await readTargetsOnly(fixture)).run, 'finding')).toHaveLength(count);
});

test('reads one page after another', async () => {
  await using fixture = await createFixture({
    target: { profile: { extends: 'generic', limits: { pageSize: 20 } } },
  });
  const company = createCompany(84, 50);
  for (const person of company.people.values()) seed(fixture, person, { externalId: person.id });
  fixture.cli.export(company);
  const { run, requests } = await readTargetsOnly(fixture);
  expect(linesOf(run, 'finding')).toHaveLength(50);
  expect(requests).toBe(3);
});

test('a target that is unreachable, or whose list ends early, leads to exit code 1', async () => {
  await using fixture = await createFixture({
    target: { profile: { extends: 'generic', limits: { pageSize: 4 } } },
  });
  const company = createCompany(85, 6);
  expectExitCode(await fixture.pass(company), 0);
  fixture.server.options.fault = ({ query }) => (/startIndex=5\b/.test(query) ? { status: 403 } : undefined);
  const partial = await readTargets(fixture);
  expectExitCode(partial, 1);
  expect(linesOf(partial, 'listing')).toEqual([expect.objectContaining({ found: 4, complete: false })]);
  expect(linesOf(partial, 'finding')).toEqual([]);

  await fixture.server.close();
  const unreachable = await readTargets(fixture);
  expectExitCode(unreachable, 1);
  expect(linesOf(unreachable, 'listing')).toEqual([expect.objectContaining({ found: 0, complete: false })]);
  expect(summaryLines(unreachable)).toHaveLength(1);
  const text = await fixture.cli.run('plan', '--read-targets');
  expectExitCode(text, 1);
  expect(text.stdout).toContain('app: its users cannot be listed, so the plan was not compared with them: ');
});
