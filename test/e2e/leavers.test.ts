import { describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { byId, company, hire, leave, rehire, withoutReports, type Person } from '../world/company.ts';
import { count, expectCode, operations, taken, world, writes } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';
import type { LogEntry } from '../world/strict-server.ts';

jest.setTimeout(60_000);

const deactivates = ({ method, body }: LogEntry): boolean =>
  method !== 'GET' && /"active":false|"path":"active","value":false/.test(JSON.stringify(body ?? null));

function first(people: readonly Person[]): Person {
  const [person] = people;
  if (person === undefined) throw new Error('nobody');
  return person;
}

describe('leavers', () => {
  test.concurrent('lose access before anything else happens', async () => {
    await using at = await world({ server: { latencyMs: 5 } });
    const made = company(41, 60, 4);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    for (const { id } of withoutReports(made, 5)) leave(made, id);
    for (let turn = 0; turn < 15; turn += 1) hire(made);
    for (const id of ['e00001', 'e00002']) byId(made, id).title = 'Mover';
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    const log = taken(at.server);
    const removals = log.filter(deactivates);
    const additions = log.filter(({ method }) => method === 'POST');
    expect([removals.length, additions.length]).toEqual([5, 15]);
    const lastRemoval = Math.max(...removals.map(({ answered }) => answered));
    expect(additions.every(({ at: arrived }) => arrived > lastRemoval)).toBe(true);
    const movers = log.filter((entry) => JSON.stringify(entry.body ?? '').includes('Mover'));
    expect(movers.every(({ at: arrived }) => arrived > lastRemoval)).toBe(true);
  });

  test.concurrent('are deleted where the action says so, and no group keeps them', async () => {
    await using at = await world({ target: { leavers: { action: 'delete' } } });
    const made = company(42, 30, 3);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    for (const { id } of withoutReports(made, 3)) leave(made, id);
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made, 'delete'));
    expect(count(taken(at.server), 'DELETE', /^\/Users\//)).toBe(3);
    expectCode(await at.desk.run('sync'), 0);
    expect(taken(at.server)).toEqual([]);
  });

  test.concurrent('are left alone where the action is keep', async () => {
    await using at = await world({ target: { leavers: { action: 'keep' } } });
    const made = company(43, 20);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    leave(made, first(withoutReports(made, 1)).id);
    expectCode(await at.pass(made), 0);
    expect(writes(taken(at.server))).toEqual([]);
  });

  test.concurrent(
    'who became inactive in the source are deactivated, and an inactive joiner is not created',
    async () => {
      await using at = await world();
      const made = company(44, 20, 2);
      expectCode(await at.pass(made), 0);
      taken(at.server);
      const gone = first(withoutReports(made, 1));
      gone.active = false;
      hire(made, { active: false });
      expectCode(await at.pass(made), 0);
      const log = writes(taken(at.server));
      expect(count(log, 'POST', '/Users')).toBe(0);
      expect(at.state().users[gone.id]).toMatchObject({ active: false });
      expect(at.state().groups).toEqual(expectedState(made).groups);

      gone.active = true;
      expectCode(await at.pass(made), 0);
      expect(at.state()).toEqual(expectedState(made));
      expect(count(taken(at.server), 'POST', '/Users')).toBe(0);
    },
  );

  test.concurrent.each([
    [undefined, 'deactivate'],
    ['delete', 'delete'],
    ['keep', 'keep'],
  ] as const)('out of scope (outOfScope: %s)', async (outOfScope, effect) => {
    await using at = await world({
      target: {
        scope: { users: "user.department != 'Contractors'" },
        leavers: { action: 'deactivate', ...(outOfScope === undefined ? {} : { outOfScope }) },
      },
    });
    const made = company(45, 20);
    const person = first(withoutReports(made, 1));
    expectCode(await at.pass(made), 0);
    taken(at.server);
    person.department = 'Contractors';
    const other = hire(made, { department: 'Contractors', manager: undefined });
    expectCode(await at.pass(made), 0);
    const log = taken(at.server);
    expect(at.state().users[other.id]).toBeUndefined();
    if (effect === 'deactivate') expect(at.state().users[person.id]).toMatchObject({ active: false });
    if (effect === 'delete') expect(at.state().users[person.id]).toBeUndefined();
    if (effect === 'keep') expect(writes(log)).toEqual([]);
    person.department = 'Care';
    expectCode(await at.pass(made), 0);
    made.people.delete(other.id);
    expect(at.state()).toEqual(expectedState(made));
  });

  test.concurrent('are not deleted before their days are over', async () => {
    await using at = await world({ target: { leavers: { action: 'deactivate', deleteAfterDays: 30 } } });
    const made = company(46, 20, 2);
    expectCode(await at.pass(made), 0);
    leave(made, first(withoutReports(made, 1)).id);
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    taken(at.server);
    expectCode(await at.desk.run('sync', '--full'), 0);
    expect(taken(at.server)).toEqual([]);
  });

  test.concurrent('are deleted when their days are over', async () => {
    await using at = await world({ target: { leavers: { action: 'deactivate', deleteAfterDays: 30 } } });
    const made = company(50, 20, 2);
    expectCode(await at.pass(made), 0);
    leave(made, first(withoutReports(made, 1)).id);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    for (const [days, requests] of [
      [29, 0],
      [2, 1],
    ] as const) {
      // There is no other way to a clock that is 29 days ahead: the state itself is made older.
      const state = new Database(at.desk.path('scimsync.db'));
      state
        .prepare('update account set inactive_since = inactive_since - ? where inactive_since is not null')
        .run(days * 86_400_000);
      state.close();
      expectCode(await at.desk.run('sync'), 0);
      expect(count(taken(at.server), 'DELETE', /^\/Users\//)).toBe(requests);
    }
    expect(at.state()).toEqual(expectedState(made, 'delete'));
  });

  test.concurrent('who return get the same account and their memberships', async () => {
    await using at = await world();
    const made = company(47, 25, 3);
    expectCode(await at.pass(made), 0);
    const ids = (): unknown => [...at.server.users.values()].map(({ id, data }) => [data['externalId'], id]).sort();
    const before = ids();
    const gone = first(withoutReports(made, 1));
    const teams = [...made.teams.values()].filter(({ members }) => members.has(gone.id)).map(({ id }) => id);
    expect(teams.length).toBeGreaterThan(0);
    leave(made, gone.id);
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    rehire(made, gone.id, teams);
    gone.title = 'Returned';
    const back = await at.pass(made);
    expectCode(back, 0);
    expect(at.state()).toEqual(expectedState(made));
    expect(ids()).toEqual(before);
    expect(
      operations(back).filter(({ resource, action }) => resource === 'User' && action === 'reactivate'),
    ).toHaveLength(1);
  });

  test.concurrent('whom the application has lost already count as gone', async () => {
    await using at = await world({ target: { leavers: { action: 'delete' } } });
    const made = company(48, 20);
    expectCode(await at.pass(made), 0);
    const gone = first(withoutReports(made, 1));
    at.server.drop('User', [...at.server.users.values()].find(({ data }) => data['externalId'] === gone.id)?.id ?? '');
    leave(made, gone.id);
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made, 'delete'));
  });

  test.concurrent.each(['deactivate', 'delete'] as const)(
    'whose account was made without an answer do not keep it (%s)',
    async (action) => {
      await using at = await world({ target: { leavers: { action } } });
      const made = company(55, 12);
      const [ghost] = withoutReports(made, 1);
      // The answer to this one is lost, and so is every attempt to look the account up.
      at.server.options.fault = ({ method, query, body }) => {
        if (method === 'POST' && JSON.stringify(body).includes(`"${ghost?.userName ?? ''}"`)) return 'dropAfter';
        return method === 'GET' && query.includes('filter') ? 'dropBefore' : undefined;
      };
      expectCode(await at.pass(made), 1);
      const account = (): unknown =>
        [...at.server.users.values()].find(({ data }) => data['userName'] === ghost?.userName)?.data['active'];
      expect(account()).toBe(true);
      at.server.options.fault = undefined;
      made.people.delete(ghost?.id ?? '');
      expectCode(await at.pass(made), 0);
      expect(account()).toBe(action === 'delete' ? undefined : false);
      taken(at.server);
      expectCode(await at.desk.run('sync'), 0);
      expect(taken(at.server)).toEqual([]);
    },
  );

  test.concurrent(
    'whose people still name them as manager are removed all the same, and it comes to rest',
    async () => {
      await using at = await world({ target: { leavers: { action: 'delete' } } });
      const made = company(49, 6);
      const boss = hire(made, { manager: undefined });
      for (let turn = 0; turn < 3; turn += 1) hire(made, { manager: boss.id });
      expectCode(await at.pass(made), 0);
      made.people.delete(boss.id);
      expectCode(await at.pass(made), 0);
      await at.pass(made);
      expect([...at.server.users.values()].some(({ data }) => data['externalId'] === boss.id)).toBe(false);
      taken(at.server);
      expectCode(await at.desk.run('sync'), 0);
      expect(taken(at.server)).toEqual([]);
    },
  );
});
