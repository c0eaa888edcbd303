import { afterEach, expect, jest, test } from '@jest/globals';
import { createCompany, type Company } from '../../world/company.ts';
import { createFixture, drainLog, expectExitCode, noSanityChecks, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { expectedState } from '../../world/state.ts';
import type { Fault, LogEntry } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(120_000);

const dayMs = 86_400_000;
const fixtures: Fixture[] = [];

afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture[Symbol.asyncDispose]();
});

/** An application, and 60 people who have accounts there after a first pass. */
async function loaded(server: { readonly maxBulkOperations?: number }, bulk: 'offered' | 'never') {
  const profile = { extends: 'generic', protocol: { bulk } };
  const limits = { requestsPerSecond: 1000, concurrency: 1 };
  const target = { profile, limits, guard: unlimitedGuard };
  const fixture = await createFixture({ source: noSanityChecks, server, target });
  fixtures.push(fixture);
  const company = createCompany(7, 60, 1);
  company.teams.get('t1')?.members.clear();
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  return { fixture, company };
}

/** One pass after `days` days: the exit code must be 0, and the application must hold what the source wants. */
async function sizesAfter(
  days: number,
  { cli, server, state }: Fixture,
  company: Company,
  sizeOf: (entry: LogEntry) => number | undefined,
): Promise<readonly string[]> {
  cli.export(company);
  expectExitCode(await cli.runAhead(days * dayMs, 'sync', '--json'), 0);
  expect(state()).toEqual(expectedState(company));
  return drainLog(server).flatMap((entry) => {
    const size = sizeOf(entry);
    return size === undefined ? [] : [`${entry.status} ${size}`];
  });
}

async function learnedOf({ cli }: Fixture): Promise<readonly object[]> {
  const status = await cli.run('status', '--json');
  return status.lines.find(({ type }) => type === 'target')?.['learned'] as readonly object[];
}

/** A request with more parts is answered 413 by a gateway: the body is no SCIM error. */
const tooLarge: Fault = { status: 413, body: () => ({ message: 'Payload Too Large' }) };

test('a number of members that is too large is learned, confirmed, tried daily and forgotten', async () => {
  const { fixture, company } = await loaded({}, 'never');
  const membersOf = ({ method, path, body }: LogEntry): number | undefined => {
    if (method !== 'PATCH' || !path.startsWith('/Groups/')) return undefined;
    const { Operations } = body as { Operations: readonly { value?: readonly object[] }[] };
    return Operations.reduce((sum, { value }) => sum + (value?.length ?? 1), 0);
  };
  let maximum = 20;
  fixture.server.options.fault = (entry) => ((membersOf(entry) ?? 0) > maximum ? tooLarge : undefined);
  const people = [...company.people.keys()];
  const join = (count: number): void =>
    people.splice(0, count).forEach((id) => company.teams.get('t1')?.members.add(id));

  const passes: unknown[] = [];
  for (const days of [0, 0, 0, 1.5]) {
    if (days > 0) maximum = 1_000;
    join(15);
    join(days === 0 ? 0 : 15);
    passes.push(await sizesAfter(days, fixture, company, membersOf));
    if (passes.length === 1) maximum = 10;
    if (passes.length === 2)
      expect(await learnedOf(fixture)).toMatchObject([{ kind: 'membersTooLarge', subject: '8' }]);
  }
  expect(passes).toEqual([['200 15'], ['413 15', '200 8', '200 7'], ['413 15', '200 8', '200 7'], ['200 15']]);
  expect(await learnedOf(fixture)).toEqual([]);
});

test('the size of Bulk requests is learned in the same way', async () => {
  const { fixture, company } = await loaded({ maxBulkOperations: 100 }, 'offered');
  const operationsOf = ({ path, body }: LogEntry): number | undefined =>
    path === '/Bulk' ? (body as { Operations: readonly object[] }).Operations.length : undefined;
  let maximum = 20;
  fixture.server.options.fault = (entry) => ((operationsOf(entry) ?? 0) > maximum ? tooLarge : undefined);

  const passes: unknown[] = [];
  for (const days of [0, 0, 0, 1.5]) {
    if (days > 0) maximum = 1_000;
    for (const person of company.people.values()) person.title = `Title ${passes.length}`;
    passes.push(await sizesAfter(days, fixture, company, operationsOf));
  }
  const fifteens = Array<string>(4).fill('200 15');
  expect(passes).toEqual([['413 60', '413 30', ...fifteens], ['413 60', ...fifteens], fifteens, ['200 60']]);
  expect(await learnedOf(fixture)).toEqual([]);
});
