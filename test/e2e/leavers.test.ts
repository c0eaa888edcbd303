import { describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { byId, createCompany, hire, leave, rehire, peopleWithoutReports, type Person } from '../world/company.ts';
import {
  countRequests,
  expectExitCode,
  operationLines,
  drainLog,
  createFixture,
  withoutDiscovery,
  writes,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';
import type { LogEntry } from '../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const isDeactivation = ({ method, body }: LogEntry): boolean =>
  method !== 'GET' && /"active":false|"path":"active","value":false/.test(JSON.stringify(body ?? null));

function firstPerson(people: readonly Person[]): Person {
  const [person] = people;
  if (person === undefined) throw new Error('there is no such person');
  return person;
}

describe('leavers', () => {
  test('lose access before any other change is sent', async () => {
    await using fixture = await createFixture({ server: { latencyMs: 5 }, inProcess: true });
    const company = createCompany(41, 60, 4);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    for (const { id } of peopleWithoutReports(company, 5)) leave(company, id);
    for (let turn = 0; turn < 15; turn += 1) hire(company);
    for (const id of ['e00001', 'e00002']) byId(company, id).title = 'Mover';
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    const log = drainLog(fixture.server);
    const removals = log.filter(isDeactivation);
    const additions = log.filter(({ method }) => method === 'POST');
    expect([removals.length, additions.length]).toEqual([5, 15]);
    const lastRemoval = Math.max(...removals.map(({ respondedAt }) => respondedAt));
    expect(additions.every(({ receivedAt: arrived }) => arrived > lastRemoval)).toBe(true);
    const movers = log.filter((entry) => JSON.stringify(entry.body ?? '').includes('Mover'));
    expect(movers.every(({ receivedAt: arrived }) => arrived > lastRemoval)).toBe(true);
  });

  test('are deleted with the action delete, and are removed from all groups', async () => {
    await using fixture = await createFixture({ target: { leavers: { action: 'delete' } }, inProcess: true });
    const company = createCompany(42, 30, 3);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    for (const { id } of peopleWithoutReports(company, 3)) leave(company, id);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company, 'delete'));
    expect(countRequests(drainLog(fixture.server), 'DELETE', /^\/Users\//)).toBe(3);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('are not changed with the action keep', async () => {
    await using fixture = await createFixture({ target: { leavers: { action: 'keep' } }, inProcess: true });
    const company = createCompany(43, 20);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    leave(company, firstPerson(peopleWithoutReports(company, 1)).id);
    expectExitCode(await fixture.pass(company), 0);
    expect(writes(drainLog(fixture.server))).toEqual([]);
  });

  test('that became inactive in the source are deactivated, and an inactive joiner is not created', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(44, 20, 2);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    const leaver = firstPerson(peopleWithoutReports(company, 1));
    leaver.active = false;
    hire(company, { active: false });
    expectExitCode(await fixture.pass(company), 0);
    const log = writes(drainLog(fixture.server));
    expect(countRequests(log, 'POST', '/Users')).toBe(0);
    expect(fixture.state().users[leaver.id]).toMatchObject({ active: false });
    expect(fixture.state().groups).toEqual(expectedState(company).groups);

    leaver.active = true;
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    expect(countRequests(drainLog(fixture.server), 'POST', '/Users')).toBe(0);
  });

  test.each([
    [undefined, 'deactivate'],
    ['delete', 'delete'],
    ['keep', 'keep'],
  ] as const)('out of scope (outOfScope: %s)', async (outOfScope, effect) => {
    await using fixture = await createFixture({
      inProcess: true,
      target: {
        scope: { users: "user.department != 'Contractors'" },
        leavers: { action: 'deactivate', ...(outOfScope === undefined ? {} : { outOfScope }) },
      },
    });
    const company = createCompany(45, 20);
    const person = firstPerson(peopleWithoutReports(company, 1));
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    person.department = 'Contractors';
    const other = hire(company, { department: 'Contractors', manager: undefined });
    expectExitCode(await fixture.pass(company), 0);
    const log = drainLog(fixture.server);
    expect(fixture.state().users[other.id]).toBeUndefined();
    if (effect === 'deactivate') expect(fixture.state().users[person.id]).toMatchObject({ active: false });
    if (effect === 'delete') expect(fixture.state().users[person.id]).toBeUndefined();
    if (effect === 'keep') expect(writes(log)).toEqual([]);
    person.department = 'Care';
    expectExitCode(await fixture.pass(company), 0);
    company.people.delete(other.id);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('are not deleted before deleteAfterDays have passed', async () => {
    await using fixture = await createFixture({
      target: { leavers: { action: 'deactivate', deleteAfterDays: 30 } },
      inProcess: true,
    });
    const company = createCompany(46, 20, 2);
    expectExitCode(await fixture.pass(company), 0);
    leave(company, firstPerson(peopleWithoutReports(company, 1)).id);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync', '--full'), 0);
    expect(withoutDiscovery(drainLog(fixture.server))).toEqual([]);
  });

  test('are deleted when deleteAfterDays have passed', async () => {
    await using fixture = await createFixture({
      target: { leavers: { action: 'deactivate', deleteAfterDays: 30 } },
      inProcess: true,
    });
    const company = createCompany(50, 20, 2);
    expectExitCode(await fixture.pass(company), 0);
    leave(company, firstPerson(peopleWithoutReports(company, 1)).id);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    for (const [days, requests] of [
      [29, 0],
      [2, 1],
    ] as const) {
      // The CLI has no option for the clock, so the test moves the dates in the state file into the past.
      const state = new Database(fixture.cli.path('scimsync.db'));
      state
        .prepare('update account set inactive_since = inactive_since - ? where inactive_since is not null')
        .run(days * 86_400_000);
      state.close();
      expectExitCode(await fixture.cli.run('sync'), 0);
      expect(countRequests(drainLog(fixture.server), 'DELETE', /^\/Users\//)).toBe(requests);
    }
    expect(fixture.state()).toEqual(expectedState(company, 'delete'));
  });

  test('that return get the same account and their memberships', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(47, 25, 3);
    expectExitCode(await fixture.pass(company), 0);
    const ids = (): unknown =>
      [...fixture.server.users.values()].map(({ id, data }) => [data['externalId'], id]).sort();
    const before = ids();
    const leaver = firstPerson(peopleWithoutReports(company, 1));
    const teams = [...company.teams.values()].filter(({ members }) => members.has(leaver.id)).map(({ id }) => id);
    expect(teams.length).toBeGreaterThan(0);
    leave(company, leaver.id);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    rehire(company, leaver.id, teams);
    leaver.title = 'Returned';
    const back = await fixture.pass(company);
    expectExitCode(back, 0);
    expect(fixture.state()).toEqual(expectedState(company));
    expect(ids()).toEqual(before);
    expect(
      operationLines(back).filter(({ resource, action }) => resource === 'User' && action === 'reactivate'),
    ).toHaveLength(1);
  });

  test('whose account no longer exists at the application count as deleted', async () => {
    await using fixture = await createFixture({ target: { leavers: { action: 'delete' } }, inProcess: true });
    const company = createCompany(48, 20);
    expectExitCode(await fixture.pass(company), 0);
    const leaver = firstPerson(peopleWithoutReports(company, 1));
    fixture.server.remove(
      'User',
      [...fixture.server.users.values()].find(({ data }) => data['externalId'] === leaver.id)?.id ?? '',
    );
    leave(company, leaver.id);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company, 'delete'));
  });

  test.each(['deactivate', 'delete'] as const)(
    'whose create got no response lose the account in the next pass (%s)',
    async (action) => {
      await using fixture = await createFixture({ target: { leavers: { action } }, inProcess: true });
      const company = createCompany(55, 12);
      const [leaver] = peopleWithoutReports(company, 1);
      // The response to the create is lost, and every lookup of the account fails.
      fixture.server.options.fault = ({ method, query, body }) => {
        if (method === 'POST' && JSON.stringify(body).includes(`"${leaver?.userName ?? ''}"`)) return 'dropAfter';
        return method === 'GET' && query.includes('filter') ? 'dropBefore' : undefined;
      };
      expectExitCode(await fixture.pass(company), 1);
      const account = (): unknown =>
        [...fixture.server.users.values()].find(({ data }) => data['userName'] === leaver?.userName)?.data['active'];
      expect(account()).toBe(true);
      fixture.server.options.fault = undefined;
      company.people.delete(leaver?.id ?? '');
      expectExitCode(await fixture.pass(company), 0);
      expect(account()).toBe(action === 'delete' ? undefined : false);
      drainLog(fixture.server);
      expectExitCode(await fixture.cli.run('sync'), 0);
      expect(drainLog(fixture.server)).toEqual([]);
    },
  );

  test('that other people still name as manager are removed, and a later pass sends no request', async () => {
    await using fixture = await createFixture({ target: { leavers: { action: 'delete' } }, inProcess: true });
    const company = createCompany(49, 6);
    const boss = hire(company, { manager: undefined });
    for (let turn = 0; turn < 3; turn += 1) hire(company, { manager: boss.id });
    expectExitCode(await fixture.pass(company), 0);
    company.people.delete(boss.id);
    expectExitCode(await fixture.pass(company), 0);
    await fixture.pass(company);
    expect([...fixture.server.users.values()].some(({ data }) => data['externalId'] === boss.id)).toBe(false);
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });
});
