import { rmSync, truncateSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, hire, type Company } from '../world/company.ts';
import type { CliResult, JsonLine } from '../world/cli-workspace.ts';
import {
  createFixture,
  drainLog,
  expectExitCode,
  operationLines,
  summaryLines,
  writes,
  type Fixture,
  type FixtureOptions,
} from '../world/fixture.ts';

jest.setTimeout(60_000);

const ids = (company: Company, count: number): readonly string[] => [...company.people.keys()].slice(-count).sort();

/** The people vanish from the source without a trace, as leavers do whose state was lost. */
function vanish(company: Company, keys: readonly string[]): void {
  for (const key of keys) company.people.delete(key);
  for (const team of company.teams.values()) for (const key of keys) team.members.delete(key);
  for (const person of company.people.values()) if (keys.includes(person.manager ?? '')) person.manager = undefined;
}

interface Lost {
  readonly fixture: Fixture;
  readonly company: Company;
  readonly leavers: readonly string[];
}

/** A target with the accounts of a company, whose state is lost together with the memory of some leavers. */
async function loseState(
  options: FixtureOptions & { readonly people?: number; readonly leavers?: number; readonly unowned?: number } = {},
  lose = (file: string): void => rmSync(file),
): Promise<Lost> {
  const { people = 30, leavers: leaverCount = 2, unowned = 6 } = options;
  const fixture = await createFixture(options);
  const company = createCompany(7, people);
  expectExitCode(await fixture.pass(company), 0);
  const leavers = ids(company, leaverCount);
  vanish(company, leavers);
  for (let number = 0; number < unowned; number += 1)
    fixture.server.seed('User', { userName: `made-by-hand-${number}@corp.example`, active: true });
  lose(fixture.cli.path('scimsync.db'));
  drainLog(fixture.server);
  fixture.cli.export(company);
  return { fixture, company, leavers };
}

const statusOf = async ({ cli }: Fixture): Promise<JsonLine | undefined> =>
  (await cli.run('status', '--json')).lines.find(({ type }) => type === 'target');

const listed = (run: CliResult): readonly unknown[] =>
  run.lines.filter(({ type }) => type === 'orphan').map(({ key }) => key);

const activeOf = ({ server }: Fixture, keys: readonly string[]): readonly unknown[] =>
  keys.map((key) => [...server.users.values()].find(({ data }) => data['externalId'] === key)?.data['active']);

describe('a state that has no memory of a target that holds accounts', () => {
  test.each<[string, FixtureOptions & { readonly people?: number }, ((file: string) => void) | undefined]>([
    ['lost, where the accounts are listed first', {}, undefined],
    ['emptied', {}, (file) => truncateSync(file)],
    ['lost, with few accounts', { people: 8 }, undefined],
  ])('%s: the pass reports it, adopts, and counts the orphans until they are closed', async (_, options, lose) => {
    const { fixture, leavers } = await loseState(options, lose);
    await using _fixture = fixture;
    const run = await fixture.cli.run('sync', '--json');
    expectExitCode(run, 0);
    expect(run.stderr).toContain('no memory of this target');
    expect(new Set(operationLines(run).map(({ outcome }) => outcome))).toEqual(new Set(['adopted']));
    expect(summaryLines(run)).toMatchObject([{ orphans: 2, unowned: 6 }]);
    expect(writes(drainLog(fixture.server)).filter(({ method }) => method !== 'POST')).toEqual([]);

    const next = await fixture.cli.run('sync');
    expect(next.stderr).not.toContain('no memory');
    expect(next.stdout).toContain('2 accounts carry an externalId that no record of the source has');
    expect(next.stdout).toContain('6 accounts have no owner; leavers of a lost state would be among them');
    expect(await statusOf(fixture)).toMatchObject({ orphans: 2, unowned: 6 });

    const list = await fixture.cli.run('orphans', '--json');
    expectExitCode(list, 0);
    expect([...listed(list)].sort()).toEqual(leavers);
    expect(list.lines.at(-1)).toMatchObject({ type: 'summary', target: 'app', orphans: 2, unowned: 6 });
    expect(drainLog(fixture.server)).toEqual([]);

    const removal = await fixture.cli.run('orphans', '--remove', '--all', '--json');
    expectExitCode(removal, 0);
    expect(operationLines(removal)).toMatchObject([
      { action: 'deactivate', outcome: 'done' },
      { action: 'deactivate', outcome: 'done' },
    ]);
    expect(activeOf(fixture, leavers)).toEqual([false, false]);
    expect(writes(drainLog(fixture.server))).toHaveLength(2);
    expect(await statusOf(fixture)).toMatchObject({ orphans: 0, unowned: 6 });

    expectExitCode(await fixture.cli.run('orphans', '--foreign', '--all'), 0);
    expect(await statusOf(fixture)).toMatchObject({ orphans: 0, unowned: 0 });
    const last = await fixture.cli.run('sync', '--json');
    expect(summaryLines(last)).toMatchObject([{ orphans: 0, unowned: 0, requests: 0 }]);
  });

  test.each([
    ['other people joined', 10],
    ['no person is in the source but one', 1],
  ])('is reported although no account is adopted: %s', async (_, joiners) => {
    const { fixture, company, leavers } = await loseState({ people: 8, leavers: 8, unowned: 0 });
    await using _fixture = fixture;
    for (let number = 0; number < joiners; number += 1) hire(company);
    const run = await fixture.pass(company);
    expectExitCode(run, 0);
    expect(run.stderr).toContain('no memory of this target, which holds 8 accounts');
    expect(summaryLines(run)).toMatchObject([{ orphans: 8, unowned: 0 }]);
    expect([...listed(await fixture.cli.run('orphans', '--json'))].sort()).toEqual(leavers);
  });

  test('of an application without accounts is not mentioned', async () => {
    await using fixture = await createFixture();
    const run = await fixture.pass(createCompany(8, 30));
    expect(run.stderr).not.toContain('no memory');
    expect(summaryLines(run)).toMatchObject([{ orphans: 0, unowned: 0 }]);
  });
});

describe('an account is no orphan', () => {
  test('if its externalId is that of a record: out of scope, inactive, or with another account', async () => {
    await using fixture = await createFixture({ target: { scope: { users: "user.department != 'Contractors'" } } });
    const company = createCompany(9, 25);
    const outside = hire(company, { department: 'Contractors' });
    const inactive = hire(company, { active: false });
    const [first] = [...company.people.values()];
    for (const externalId of [outside.id, inactive.id, first?.id ?? ''])
      fixture.server.seed('User', { userName: `other-${externalId}@corp.example`, externalId, active: false });
    fixture.server.seed('User', { userName: 'orphan@corp.example', externalId: 'x-1', active: false });
    const run = await fixture.pass(company);
    expect(summaryLines(run)).toMatchObject([{ orphans: 1, unowned: 0 }]);
    expect(listed(await fixture.cli.run('orphans', '--json'))).toEqual(['x-1']);
  });

  test('if it is protected', async () => {
    await using fixture = await createFixture({ target: { protect: "scim.userName.startsWith('breakglass')" } });
    fixture.server.seed('User', { userName: 'breakglass@corp.example', externalId: 'b-1', active: true });
    fixture.server.seed('User', { userName: 'orphan@corp.example', externalId: 'x-1', active: true });
    const run = await fixture.pass(createCompany(9, 25));
    expect(summaryLines(run)).toMatchObject([{ orphans: 1 }]);
  });

  test('once a record owns it', async () => {
    const { fixture, company, leavers } = await loseState();
    await using _fixture = fixture;
    expectExitCode(await fixture.cli.run('sync'), 0);
    const whole = createCompany(7, 30);
    for (const key of leavers) {
      const person = whole.people.get(key);
      if (person !== undefined) company.people.set(key, person);
    }
    const run = await fixture.pass(company);
    expectExitCode(run, 0);
    expect(summaryLines(run)).toMatchObject([{ orphans: 0 }]);
    expect(activeOf(fixture, leavers)).toEqual([true, true]);
  });
});

describe('orphans', () => {
  test('are closed by externalId, userName or id; an unknown text changes nothing', async () => {
    const { fixture, leavers } = await loseState({ leavers: 4 });
    await using _fixture = fixture;
    expectExitCode(await fixture.cli.run('sync'), 0);
    const lines = (await fixture.cli.run('orphans', '--json')).lines;
    const [a, b, c] = leavers.map((key) => lines.find((line) => line['key'] === key));
    const unknown = await fixture.cli.run('orphans', '--remove', String(a?.['key']), 'no-such');
    expectExitCode(unknown, 4);
    expect(unknown.stderr).toContain('no-such');
    expect(await statusOf(fixture)).toMatchObject({ orphans: 4 });
    const texts = [String(a?.['key']), String(b?.['name']), String(c?.['id'])];
    expectExitCode(await fixture.cli.run('orphans', '--target', 'app', '--remove', ...texts), 0);
    expect(activeOf(fixture, leavers)).toEqual([false, false, false, true]);
    expect(await statusOf(fixture)).toMatchObject({ orphans: 1 });
  });

  test('are deleted where the leaver rule deletes, and the history names them', async () => {
    const { fixture, leavers } = await loseState({ target: { leavers: { action: 'delete' } } });
    await using _fixture = fixture;
    expectExitCode(await fixture.cli.run('sync'), 0);
    expectExitCode(await fixture.cli.run('orphans', '--remove', '--all'), 0);
    expect(activeOf(fixture, leavers)).toEqual([undefined, undefined]);
    const history = await fixture.cli.run('history', '--user', leavers[0] ?? '', '--json');
    expect(history.lines).toMatchObject([{ action: 'delete', outcome: 'done' }]);
  });

  test('are not closed where the leaver rule keeps accounts', async () => {
    const { fixture, leavers } = await loseState({ target: { leavers: { action: 'keep' } } });
    await using _fixture = fixture;
    expectExitCode(await fixture.cli.run('sync'), 0);
    expectExitCode(await fixture.cli.run('orphans', '--remove', '--all'), 4);
    expect(activeOf(fixture, leavers)).toEqual([true, true]);
    expect(await statusOf(fixture)).toMatchObject({ orphans: 2 });
  });

  test('pass through the guard', async () => {
    const { fixture, leavers } = await loseState({ people: 40, leavers: 14 });
    await using _fixture = fixture;
    expectExitCode(await fixture.cli.run('sync'), 0);
    const held = await fixture.cli.run('orphans', '--remove', '--all', '--json');
    expectExitCode(held, 3);
    expect(held.stderr).toContain('scimsync orphans --target app --remove … --allow-removals 14');
    expect(new Set(activeOf(fixture, leavers))).toEqual(new Set([true]));
    // What is held stays an orphan, so that an operator can still declare it not ours.
    expect(await statusOf(fixture)).toMatchObject({ orphans: 14 });
    expectExitCode(await fixture.cli.run('orphans', '--foreign', leavers[0] ?? ''), 0);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
    expectExitCode(await fixture.cli.run('orphans', '--remove', '--all', '--reason', 'no approval'), 4);
    const allow = ['--allow-removals', '13', '--reason', 'left last year'];
    expectExitCode(await fixture.cli.run('orphans', '--remove', '--all', ...allow), 0);
    const passes = await fixture.cli.run('passes', '--json');
    expect(passes.lines.at(-1)?.['approvals']).toMatchObject([{ removals: 13, reason: 'left last year' }]);
    expect(activeOf(fixture, leavers)).toEqual(leavers.map((_, index) => index === 0));
    expect(await statusOf(fixture)).toMatchObject({ orphans: 0 });
  });

  test('that are not ours are not counted again by a later listing', async () => {
    const { fixture, company, leavers } = await loseState({ people: 60 });
    await using _fixture = fixture;
    expectExitCode(await fixture.cli.run('sync'), 0);
    expectExitCode(await fixture.cli.run('orphans', '--foreign', leavers[0] ?? ''), 0);
    expect(await statusOf(fixture)).toMatchObject({ orphans: 1, unowned: 6 });
    // Enough conflicts for another listing.
    for (let number = 0; number < 14; number += 1) {
      const { id, userName } = hire(company);
      fixture.server.seed('User', { userName, externalId: id, active: true });
    }
    fixture.server.seed('User', { userName: 'later@corp.example', externalId: 'x-9', active: true });
    const before = (await statusOf(fixture))?.['listed'];
    const run = await fixture.pass(company);
    expectExitCode(run, 0);
    expect((await statusOf(fixture))?.['listed']).not.toEqual(before);
    expect(summaryLines(run)).toMatchObject([{ orphans: 2, unowned: 6 }]);
    expect([...listed(await fixture.cli.run('orphans', '--json'))].sort()).toEqual([leavers[1], 'x-9'].sort());
  });

  test.each([[['--all']], [['--remove']], [['--remove', 'x', '--all']], [['--remove', 'x', '--foreign', 'y']]])(
    'options that contradict each other are refused: %j',
    async (options) => {
      await using fixture = await createFixture();
      fixture.cli.export(createCompany(1, 2));
      expectExitCode(await fixture.cli.run('orphans', ...options), 4);
    },
  );
});
