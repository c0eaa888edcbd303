import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { addTeam, byId, createCompany, hire, leave, rehire, type Company } from '../world/company.ts';
import {
  countRequests,
  createFixture,
  drainLog,
  expectExitCode,
  summaryLines,
  withoutDiscovery,
  type Fixture,
} from '../world/fixture.ts';
import type { CliResult } from '../world/cli-workspace.ts';
import type { Fault, LogEntry, StrictServer } from '../world/strict-server/strict-server.ts';
import type { Resource } from '../world/strict-server/schema.ts';

jest.setTimeout(120_000);

let fixture: Fixture;
let server: StrictServer;
let company: Company;

beforeEach(async () => {
  fixture = await createFixture();
  ({ server } = fixture);
  company = createCompany(3, 4);
  expectExitCode(await fixture.pass(company), 0);
  drainLog(server);
});

afterEach(() => fixture[Symbol.asyncDispose]());

const refuse = (fault: (entry: LogEntry) => Fault | undefined): void => {
  server.options.fault = fault;
};
const textOf = ({ body }: LogEntry): string => JSON.stringify(body ?? {});
const account = (externalId: string): Resource | undefined =>
  [...server.users.values()]
    .map(({ id, data }): Resource => ({ ...data, id }))
    .find((one) => one['externalId'] === externalId);
const firstPerson = (): string => [...company.people.keys()][0] ?? '';
const passes = async (count: number): Promise<readonly CliResult[]> => {
  const results: CliResult[] = [];
  for (let pass = 0; pass < count; pass += 1) results.push(await fixture.pass(company));
  return results;
};

describe('a refusal of what took effect', () => {
  test('of a create: the account is found, and the leaver loses it', async () => {
    refuse(({ method }) => (method === 'POST' ? { status: 400, after: true, detail: 'no invitation' } : undefined));
    const { id } = hire(company);
    await fixture.pass(company);
    expect(account(id)).toMatchObject({ active: true });
    leave(company, id);
    expectExitCode(await fixture.pass(company), 0);
    expect(account(id)).toMatchObject({ active: false });
  });

  test('of a reactivation with another title: the leaver loses the account', async () => {
    const id = firstPerson();
    leave(company, id);
    expectExitCode(await fixture.pass(company), 0);
    rehire(company, id);
    byId(company, id).title = 'Captain';
    refuse(({ method }) => (method === 'PATCH' ? { status: 400, after: true } : undefined));
    expectExitCode(await fixture.pass(company), 1);
    expect(account(id)).toMatchObject({ active: true });
    server.options.fault = undefined;
    leave(company, id);
    expectExitCode(await fixture.pass(company), 0);
    expect(account(id)).toMatchObject({ active: false });
  });
});

describe('a refused attribute', () => {
  const refuseTitle = (status: number, detail: string): void =>
    refuse((entry) => (entry.method !== 'GET' && textOf(entry).includes('Captain') ? { status, detail } : undefined));

  test.each([
    [400, 'title is not in the list'],
    [409, 'in use'],
    [422, 'no'],
    [500, 'internal error'],
  ])('%i %j: the account is made without it, and other changes go through', async (status, detail) => {
    refuseTitle(status, detail);
    const { id } = hire(company, { title: 'Captain', department: 'Bridge' });
    const other = byId(company, firstPerson());
    Object.assign(other, { title: 'Captain', department: 'Engine' });
    expectExitCode(await fixture.pass(company), 1);
    expect(account(id)).toMatchObject({ active: true });
    expect(JSON.stringify(account(other.id))).toContain('Engine');
    expect(JSON.stringify(account(id))).not.toContain('Captain');
  });

  test('is tried less and less often, at once after a change, and on demand', async () => {
    refuseTitle(400, 'title is not in the list');
    const person = byId(company, firstPerson());
    person.title = 'Captain';
    const tries: number[] = [];
    const waiting: unknown[] = [];
    for (let pass = 0; pass < 8; pass += 1) {
      const result = await fixture.pass(company);
      expectExitCode(result, 1);
      tries.push(countRequests(drainLog(server), 'PATCH', /./));
      waiting.push(summaryLines(result)[0]?.['waiting']);
    }
    expect(tries).toEqual([1, 1, 0, 1, 0, 0, 0, 1]);
    expect(waiting).toEqual([0, 0, 1, 0, 1, 1, 1, 0]);
  });

  test('is tried on demand, after a change, and not again after the success', async () => {
    refuseTitle(400, 'title is not in the list');
    const person = byId(company, firstPerson());
    person.title = 'Captain';
    await passes(3);
    drainLog(server);
    const retried = await fixture.pass(company, '--retry');
    expectExitCode(retried, 1);
    expect(countRequests(drainLog(server), 'PATCH', /./)).toBe(1);
    person.title = 'Captain of another ship';
    await fixture.pass(company);
    expect(countRequests(drainLog(server), 'PATCH', /./)).toBe(1);
    const status = await fixture.cli.run('status', '--json');
    expect(status.lines.find(({ type }) => type === 'target')).toMatchObject({
      failing: [{ nextTry: { pass: expect.any(Number) } }],
    });
    person.title = 'Mate';
    expectExitCode(await fixture.pass(company), 0);
    expect(account(person.id)).toMatchObject({ title: 'Mate' });
    expectExitCode(await fixture.pass(company), 0);
  });
});

describe('a refused deletion', () => {
  beforeEach(async () => {
    await fixture[Symbol.asyncDispose]();
    fixture = await createFixture({
      target: { leavers: { action: 'delete', groups: 'delete' }, guard: { maxRemovals: 1 } },
    });
    ({ server } = fixture);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(server);
  });

  test('once: the leaver is deactivated, and deleted in the next pass', async () => {
    const id = firstPerson();
    leave(company, id);
    refuse(({ method }) => (method === 'DELETE' ? { status: 500 } : undefined));
    expectExitCode(await fixture.pass(company), 0);
    expect(account(id)).toMatchObject({ active: false });
    server.options.fault = undefined;
    expectExitCode(await fixture.pass(company), 0);
    expect(account(id)).toBeUndefined();
    drainLog(server);
    expectExitCode(await fixture.pass(company, '--full'), 0);
    expect(withoutDiscovery(drainLog(server))).toEqual([]);
  });

  test.each([
    ['user', 409, () => leave(company, firstPerson())],
    ['group', 403, () => company.teams.delete([...company.teams.keys()][0] ?? '')],
  ])(
    'of a %s, always (%i): tried less and less often, without failure and within the guard',
    async (_, status, end) => {
      addTeam(company, 't9', 'Nine');
      expectExitCode(await fixture.pass(company), 0);
      drainLog(server);
      end();
      refuse(({ method }) => (method === 'DELETE' ? { status } : undefined));
      const tries: number[] = [];
      for (let pass = 0; pass < 9; pass += 1) {
        expectExitCode(await fixture.pass(company, ...(pass === 8 ? ['--retry'] : [])), 0);
        tries.push(countRequests(drainLog(server), 'DELETE', /./));
      }
      expect(tries).toEqual([1, 1, 0, 1, 0, 0, 0, 1, 1]);
    },
  );

  test('of a leaver whose userName a new user needs: the account gives the name up', async () => {
    const id = firstPerson();
    const { userName } = byId(company, id);
    leave(company, id);
    refuse(({ method }) => (method === 'DELETE' ? { status: 405 } : undefined));
    expectExitCode(await fixture.pass(company), 0);
    const { stdout } = await fixture.cli.run('status');
    expect(stdout).toMatch(/1 deletion was refused/);
    const joiner = hire(company);
    joiner.userName = userName;
    expectExitCode(await fixture.pass(company), 0);
    expect(account(joiner.id)).toMatchObject({ active: true, userName });
    // The account that stays gives the name up.
    expect(account(id)).toMatchObject({ active: false, userName: expect.stringContaining('.left-') });
  });

  test('of a user who returns and leaves again: the removal is not postponed', async () => {
    const id = firstPerson();
    leave(company, id);
    refuse(({ method }) => (method === 'DELETE' ? { status: 501 } : undefined));
    for (let pass = 0; pass < 3; pass += 1) expectExitCode(await fixture.pass(company), 0);
    rehire(company, id);
    expectExitCode(await fixture.pass(company), 0);
    expect(account(id)).toMatchObject({ active: true });
    leave(company, id);
    await fixture.pass(company, '--allow-removals', '1');
    expect(account(id)).toMatchObject({ active: false });
  });
});

describe('members', () => {
  test('the group refuses an account that was deleted by hand: it is made again', async () => {
    const id = firstPerson();
    const remote = String(account(id)?.['id']);
    addTeam(company, 't1', 'One');
    expectExitCode(await fixture.pass(company), 0);
    server.remove('User', remote);
    refuse((entry) =>
      entry.path.startsWith('/Groups/') && textOf(entry).includes(remote)
        ? { status: 400, detail: `no such member: ${remote}` }
        : undefined,
    );
    company.teams.get('t1')?.members.add(id);
    expectExitCode(await fixture.pass(company), 1);
    await fixture.pass(company);
    expectExitCode(await fixture.pass(company), 0);
    const [group] = [...server.groups.values()].map(({ data }) => data);
    expect(group?.['members']).toMatchObject([{ value: account(id)?.['id'] }]);
  });

  test('a group with a blank name loses the member that left it', async () => {
    const [first = '', second = ''] = [...company.people.keys()];
    const team = addTeam(company, 't1', 'One', [first]);
    expectExitCode(await fixture.pass(company), 0);
    team.displayName = ' ';
    team.members.delete(first);
    team.members.add(second);
    expectExitCode(await fixture.pass(company), 1);
    const [group] = [...server.groups.values()].map(({ data }) => data);
    expect(group).toMatchObject({ displayName: 'One', members: [{ value: account(second)?.['id'] }] });
  });
});

test('a stray 501 to PATCH: attributes that were added by hand stay', async () => {
  const id = firstPerson();
  const stored = server.users.get(String(account(id)?.['id']));
  Object.assign(stored?.data ?? {}, { nickName: 'Ace', roles: [{ value: 'billing-admin' }] });
  let strays = 1;
  refuse(({ method }) => (method === 'PATCH' && strays-- > 0 ? { status: 501 } : undefined));
  byId(company, id).title = 'Mate';
  expectExitCode(await fixture.pass(company), 0);
  expect(account(id)).toMatchObject({ title: 'Mate', nickName: 'Ace', roles: [{ value: 'billing-admin' }] });
});

test('history keeps an unchanged refusal once, with the time of the first pass', async () => {
  refuse(({ method }) => (method === 'POST' ? { status: 400, detail: 'no licence' } : undefined));
  const { id } = hire(company);
  fixture.cli.export(company);
  for (let pass = 0; pass < 3; pass += 1) await fixture.cli.run('sync', '--retry');
  const { lines } = await fixture.cli.run('history', '--user', id, '--json');
  const { lines: all } = await fixture.cli.run('passes', '--json');
  const started = all.map(({ started: at }) => at);
  expect(lines).toMatchObject([{ outcome: 'failed', status: 400, repeats: 2 }]);
  expect(started).toContain(lines[0]?.['since']);
  const { stdout } = await fixture.cli.run('history', '--user', id);
  expect(stdout).toContain('; the same in 2 earlier passes, since ');
});
