import { describe, expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports, type Company } from '../../world/company.ts';
import { createFixture, drainLog, expectExitCode, writes, type Fixture } from '../../world/fixture.ts';
import { expectedState } from '../../world/state.ts';
import type { Fault, LogEntry } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

type Options = Parameters<typeof createFixture>[0];

/** A synchronised target, with two leavers, whose faults begin with the next pass. */
async function synchronised(seed: number, options: Options = {}, teams = 2) {
  const fixture = await createFixture({ inProcess: true, ...options });
  const company = createCompany(seed, 12, teams);
  expectExitCode(await fixture.pass(company), 0);
  const leavers = peopleWithoutReports(company, 2).map(({ id }) => id);
  drainLog(fixture.server);
  return { fixture, company, leavers };
}

function dismiss(company: Company, keys: readonly string[]): void {
  for (const key of keys) leave(company, key);
}

const openAccounts = ({ server }: Fixture, keys: readonly string[]): readonly unknown[] =>
  [...server.users.values()]
    .filter(({ data }) => keys.includes(String(data['externalId'])) && data['active'] !== false)
    .map(({ data }) => data['externalId']);

describe('removals inside Bulk', () => {
  const bulk = {
    server: { maxBulkOperations: 20 },
    target: { profile: { extends: 'generic', protocol: { bulk: 'offered' } }, leavers: { action: 'delete' } },
  };
  /** Faults of operations inside Bulk: the log ends with the Bulk request while they are executed. */
  const inBulk =
    ({ server }: Fixture, fault: (entry: LogEntry) => Fault | undefined) =>
    (entry: LogEntry): Fault | undefined =>
      server.log.at(-1)?.path === '/Bulk' && entry.path !== '/Bulk' ? fault(entry) : undefined;

  test.each([204, 404])('answered %d without effect are sent in another form in the next pass', async (status) => {
    const { fixture, company, leavers } = await synchronised(401, bulk);
    await using _ = fixture;
    fixture.server.options.fault = inBulk(fixture, ({ method, path }) =>
      method === 'DELETE' && path.startsWith('/Users') ? { status } : undefined,
    );
    dismiss(company, leavers);
    await fixture.pass(company);
    await fixture.pass(company);
    expect(openAccounts(fixture, leavers)).toEqual([]);
  });

  test('PATCH answered 404 there is sent singly, because a read shows the account', async () => {
    const { fixture, company, leavers } = await synchronised(402, {
      ...bulk,
      target: { ...bulk.target, leavers: { action: 'deactivate' } },
    });
    await using _ = fixture;
    fixture.server.options.fault = inBulk(fixture, ({ path }) =>
      path.startsWith('/Users') ? { status: 404 } : undefined,
    );
    dismiss(company, leavers);
    await fixture.pass(company);
    await fixture.pass(company);
    expect(openAccounts(fixture, leavers)).toEqual([]);
  });
});

test('an update that is accepted without effect, where PUT is refused, fails and ends', async () => {
  const { fixture, company } = await synchronised(403, { target: { verification: { firstWrites: 1 } } });
  await using _ = fixture;
  fixture.server.options.fault = ({ method, path }) =>
    path.startsWith('/Users/') && (method === 'PATCH' || method === 'PUT')
      ? { status: method === 'PATCH' ? 204 : 405 }
      : undefined;
  const [person] = peopleWithoutReports(company, 1);
  if (person === undefined) throw new Error('there is no such person');
  person.title = 'Chief';
  expectExitCode(await fixture.pass(company), 1);
  expect(writes(fixture.server.log).map(({ method }) => method)).toEqual(['PATCH', 'PUT', 'PATCH']);
});

describe('a first listing that is refused', () => {
  /** The target has an open account of a user who is inactive in the source. */
  async function withOpenAccount(seed: number) {
    const fixture = await createFixture({ inProcess: true });
    const company = createCompany(seed, 8);
    const [inactive] = peopleWithoutReports(company, 1);
    if (inactive === undefined) throw new Error('no person without reports');
    inactive.active = false;
    fixture.server.seed('User', { userName: inactive.userName, externalId: inactive.id, active: true });
    return { fixture, company, keys: [inactive.id] };
  }

  test('together with all look-ups: exit code 1, until a complete listing closes the account', async () => {
    const { fixture, company, keys } = await withOpenAccount(403);
    await using _ = fixture;
    fixture.server.options.fault = ({ method, path }) =>
      method === 'GET' && path === '/Users' ? { status: 403 } : undefined;
    expectExitCode(await fixture.pass(company), 1);
    expectExitCode(await fixture.pass(company), 1);
    fixture.server.options.fault = undefined;
    await fixture.pass(company);
    expectExitCode(await fixture.pass(company), 0);
    expect(openAccounts(fixture, keys)).toEqual([]);
  });

  test('while look-ups are answered: they find the account', async () => {
    const { fixture, company, keys } = await withOpenAccount(403);
    await using _ = fixture;
    fixture.server.options.fault = ({ method, path, query }) =>
      method === 'GET' && path === '/Users' && !query.includes('filter') ? { status: 403 } : undefined;
    expectExitCode(await fixture.pass(company), 0);
    expect(openAccounts(fixture, keys)).toEqual([]);
  });
});

describe('a queue that answers 202 to every write and executes it later', () => {
  const queued = ({ method }: LogEntry): Fault | undefined =>
    method === 'GET' ? undefined : { status: 202, after: true, body: () => ({}) };

  test('the next pass reads the accounts, and sends nothing', async () => {
    const { fixture, company, leavers } = await synchronised(404, {}, 0);
    await using _ = fixture;
    fixture.server.options.fault = queued;
    dismiss(company, leavers);
    expectExitCode(await fixture.pass(company), 1);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(openAccounts(fixture, leavers)).toEqual([]);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('the next pass reads the memberships, and no pass sends one twice', async () => {
    const { fixture, company, leavers } = await synchronised(404);
    await using _ = fixture;
    fixture.server.options.fault = queued;
    dismiss(company, leavers);
    expectExitCode(await fixture.pass(company), 1);
    const paths = writes(drainLog(fixture.server)).map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)]);
    expectExitCode(await fixture.pass(company), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
    expect(openAccounts(fixture, leavers)).toEqual([]);
  });
});

test('an id in the answer to POST that the target does not have is corrected, and the leaver is closed', async () => {
  await using fixture = await createFixture({ inProcess: true });
  const company = createCompany(405, 6);
  fixture.server.options.fault = ({ method, path }) =>
    method === 'POST' && path === '/Users'
      ? { status: 201, after: true, body: (applied) => ({ ...applied, id: `wrong-${JSON.stringify(applied).length}` }) }
      : undefined;
  await fixture.pass(company);
  await fixture.pass(company);
  await fixture.pass(company);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('no person without reports');
  leave(company, leaver.id);
  await fixture.pass(company);
  expectExitCode(await fixture.pass(company), 0);
  expect(openAccounts(fixture, [leaver.id])).toEqual([]);
});

test('a removal of a member that is answered with the member still in the group is not done', async () => {
  const { fixture, company } = await synchronised(406);
  await using _ = fixture;
  fixture.server.options.fault = ({ method, path, body }) => {
    const group = fixture.server.groups.get(path.split('/')[2] ?? '');
    const isRemoval = JSON.stringify(body ?? null).includes('"remove"');
    return method === 'PATCH' && group !== undefined && isRemoval
      ? { status: 200, body: () => ({ ...group.data, id: path.split('/')[2] }) }
      : undefined;
  };
  const [team] = company.teams.values();
  const [member] = team?.members ?? [];
  if (team === undefined || member === undefined) throw new Error('no member');
  team.members.delete(member);
  expectExitCode(await fixture.pass(company), 1);
  fixture.server.options.fault = undefined;
  await fixture.pass(company);
  expectExitCode(await fixture.pass(company), 0);
  expect(fixture.state()).toEqual(expectedState(company));
});
