import { expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, peopleWithoutReports } from '../../world/company.ts';
import {
  configuration,
  createFixture,
  expectExitCode,
  groupFiles,
  noSanityChecks,
  summaryLines,
  target,
  type Fixture,
} from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';
import type { CliProcess } from '../../world/cli-workspace.ts';

jest.setTimeout(90_000);

// The schedule of `configuration` is once a year: what happens after the start happens without a tick.

/** A daemon, or a `sync`, in a first load at 50 requests per second. */
async function duringFirstLoad(fixture: Fixture, people: number, command: 'daemon' | 'sync' = 'daemon') {
  const { server, cli } = fixture;
  const limits = { requestsPerSecond: 50, concurrency: 2 };
  cli.configure(configuration([target(server.url, { limits, guard: unlimitedGuard })], groupFiles));
  const company = createCompany(181, people);
  cli.export(company);
  const daemon = cli.start(command);
  await waitUntil('a part of the first load', () => server.users.size > 20);
  return { company, daemon };
}

async function stop(daemon: CliProcess): Promise<void> {
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
}

const idsAt = ({ server }: Fixture): ReadonlySet<unknown> =>
  new Set([...server.users.values()].map(({ data }) => data['externalId']));

async function laneOf({ cli }: Fixture): Promise<unknown> {
  const { lines } = await cli.run('status', '--json');
  return lines.find(({ type }) => type === 'target')?.['lane'];
}

test('pause ends a first load that is running, and resume continues it, both without a tick', async () => {
  await using fixture = await createFixture();
  const { server, cli } = fixture;
  const { daemon } = await duringFirstLoad(fixture, 150);
  expectExitCode(await cli.run('pause', 'app', '--reason', 'the application is slow'), 0);
  await waitUntil('the end of the pass', () => daemon.output().stderr.includes('pass ended'));
  expect(await laneOf(fixture)).toBeNull();
  const created = server.users.size;
  expect(created).toBeLessThan(150);
  const requests = server.log.length;
  const passes = await cli.run('passes');
  expect(passes.stdout).toContain('an operator paused the target');
  expect(server.log).toHaveLength(requests);
  expectExitCode(await cli.run('resume', 'app'), 0);
  await waitUntil('the rest of the first load', () => server.users.size === 150);
  await stop(daemon);
});

test('freeze during a first load withholds a create that is not sent, and unfreeze sends it', async () => {
  await using fixture = await createFixture();
  const { server, cli } = fixture;
  const { company, daemon } = await duringFirstLoad(fixture, 150);
  const created = idsAt(fixture);
  const frozen = peopleWithoutReports(company, 60).findLast(({ id }) => !created.has(id))?.id ?? '';
  expectExitCode(await cli.run('freeze', frozen, '--reason', 'legal hold'), 0);
  await waitUntil('the rest of the first load', () => server.users.size === 149);
  await waitUntil('the end of the pass', () => daemon.output().stderr.includes('pass ended'));
  expect(idsAt(fixture).has(frozen)).toBe(false);
  expectExitCode(await cli.run('unfreeze', frozen), 0);
  await waitUntil('the user', () => idsAt(fixture).has(frozen));
  await stop(daemon);
  expectExitCode(await cli.run('sync', '--json'), 0);
});

test('a command that needs the state for itself waits for a pass that ends soon', async () => {
  await using fixture = await createFixture();
  const { daemon } = await duringFirstLoad(fixture, 80);
  expectExitCode(await fixture.cli.run('orphans', '--foreign', '--all'), 0);
  expect(fixture.server.users.size).toBe(80);
  await stop(daemon);
});

test('a sync takes notice of freeze, and of pause', async () => {
  await using fixture = await createFixture();
  const { server, cli } = fixture;
  const { company, daemon: run } = await duringFirstLoad(fixture, 150, 'sync');
  const created = idsAt(fixture);
  const frozen = peopleWithoutReports(company, 60).findLast(({ id }) => !created.has(id))?.id ?? '';
  expectExitCode(await cli.run('freeze', frozen, '--reason', 'legal hold'), 0);
  expectExitCode(await cli.run('pause', 'app'), 0);
  const ended = await run.exited;
  expectExitCode(ended, 3);
  expect(ended.stderr).toContain('waits for');
  expect(server.users.size).toBeLessThan(150);
  expectExitCode(await cli.run('resume', 'app'), 0);
  expectExitCode(await cli.run('sync'), 3);
  expect(server.users.size).toBe(149);
  expect(idsAt(fixture).has(frozen)).toBe(false);
});

/** 60 people at the application, and 20 of them leave: the guard holds them. @returns the plan that an operator sees */
async function withHeldLeavers(fixture: Fixture): Promise<string> {
  const company = createCompany(182, 60);
  for (const person of company.people.values()) person.manager = undefined;
  expectExitCode(await fixture.pass(company), 0);
  for (const id of [...company.people.keys()].slice(0, 20)) leave(company, id);
  fixture.cli.export(company);
  return String(summaryLines(await fixture.cli.run('plan', '--json'))[0]?.['plan']);
}

const inactive = ({ server }: Fixture): number =>
  [...server.users.values()].filter(({ data }) => data['active'] === false).length;

test('approve lets an idle daemon carry out what is held, without a tick', async () => {
  await using fixture = await createFixture({ source: noSanityChecks });
  const { cli } = fixture;
  const id = await withHeldLeavers(fixture);
  const daemon = cli.start('daemon');
  await waitUntil('the first pass', () => daemon.output().stderr.includes('pass ended'));
  expect(inactive(fixture)).toBe(0);
  expectExitCode(await cli.run('approve', id, '--reason', 'interns left'), 0);
  await waitUntil('the leavers', () => inactive(fixture) === 20);
  await stop(daemon);
});

test('approve lets a busy target carry out what is held before the creates that wait', async () => {
  const limits = { requestsPerSecond: 50, concurrency: 2 };
  const guard = { ...unlimitedGuard, maxRemovals: 10 };
  await using fixture = await createFixture({ source: noSanityChecks, target: { limits, guard } });
  const { cli, server } = fixture;
  const company = createCompany(184, 30);
  for (const person of company.people.values()) person.manager = undefined;
  expectExitCode(await fixture.pass(company), 0);
  for (const id of [...company.people.keys()].slice(0, 20)) leave(company, id);
  for (let joiner = 0; joiner < 600; joiner += 1) hire(company, { manager: undefined });
  cli.export(company);
  const daemon = cli.start('daemon');
  await waitUntil('the first creates', () => server.users.size > 40);
  const hold = String(summaryLines(await cli.run('plan', '--json'))[0]?.['hold']);
  // The id of the plan is another one by now.
  expectExitCode(await cli.run('approve', hold, '--reason', 'interns left'), 0);
  await waitUntil('the leavers', () => inactive(fixture) === 20);
  expect(server.users.size).toBeLessThan(630);
  await stop(daemon);
  expectExitCode(await cli.run('approve', hold, '--reason', 'interns left'), 1);
});
