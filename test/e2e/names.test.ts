import { isDeepStrictEqual } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { byId, company, hire, leave, withoutReports, type Company } from '../world/company.ts';
import { expectCode, taken, world, type World } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

/** Passes until nothing is left to do, at most three; then one more must ask nothing. */
async function settle(at: World, made: Company): Promise<void> {
  for (let turn = 1; turn <= 3; turn += 1) {
    const run = await at.pass(made);
    if (turn === 3) expectCode(run, 0);
    if (run.code === 0 && isDeepStrictEqual(at.state(), expectedState(made))) break;
  }
  expect(at.state()).toEqual(expectedState(made));
  taken(at.server);
  expectCode(await at.pass(made), 0);
  expect(taken(at.server)).toEqual([]);
}

describe('userNames that move between people', () => {
  test.concurrent.each<[string, readonly string[], string | undefined, boolean?]>([
    ['a swap', ['e00001', 'e00002'], undefined],
    ['a swap, with PUT', ['e00001', 'e00002'], undefined, false],
    ['a ring of five', ['e00001', 'e00002', 'e00003', 'e00004', 'e00005'], undefined],
    ['a chain that ends in a new name', ['e00003', 'e00001', 'e00002', 'e00004'], 'fresh@corp.example'],
    ['a chain in the other order', ['e00004', 'e00003', 'e00002', 'e00001'], 'fresh@corp.example'],
    ["a swap that differs in letters' case only", ['e00006', 'e00007'], 'P6@CORP.EXAMPLE'],
  ])('converge: %s', async (_what, ids, last, patch = true) => {
    await using at = await world({ server: { patch } });
    const made = company(51, 12, 2);
    expectCode(await at.pass(made), 0);
    const before = new Map([...at.server.users.values()].map(({ id, data }) => [data['externalId'], id]));
    const people = ids.map((id) => byId(made, id));
    const names = people.map(({ userName }) => userName);
    people.forEach((person, at_) => {
      person.userName = at_ + 1 < names.length ? (names[at_ + 1] ?? '') : (last ?? names[0] ?? '');
    });
    await settle(at, made);
    expect(new Map([...at.server.users.values()].map(({ id, data }) => [data['externalId'], id]))).toEqual(before);
  });

  test.concurrent.each([
    ['delete', true],
    ['deactivate', true],
    ['delete', false],
    ['deactivate', false],
  ] as const)(
    'a joiner gets the name of somebody who left, in the same pass (%s, PATCH: %s)',
    async (action, patch) => {
      await using at = await world({ server: { patch }, target: { leavers: { action } } });
      const made = company(52, 15, 2);
      expectCode(await at.pass(made), 0);
      const [gone] = withoutReports(made, 1);
      if (gone === undefined) throw new Error('nobody');
      leave(made, gone.id);
      const joiner = hire(made, { userName: gone.userName.toUpperCase() });
      expectCode(await at.pass(made), 0);
      const actual = at.state();
      if (action === 'deactivate') {
        expect(actual.users[gone.id]).toMatchObject({ active: false });
        expect(String(actual.users[gone.id]?.userName).toLowerCase()).not.toBe(joiner.userName.toLowerCase());
        gone.userName = String(actual.users[gone.id]?.userName);
      }
      expect(actual).toEqual(expectedState(made, action));
      taken(at.server);
      expectCode(await at.desk.run('sync'), 0);
      expect(taken(at.server)).toEqual([]);
    },
  );

  test.concurrent('a mover gets the name of somebody who left', async () => {
    await using at = await world({ target: { leavers: { action: 'delete' } } });
    const made = company(53, 15);
    expectCode(await at.pass(made), 0);
    const [gone, mover] = withoutReports(made, 2);
    if (gone === undefined || mover === undefined) throw new Error('nobody');
    leave(made, gone.id);
    mover.userName = gone.userName;
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made, 'delete'));
  });

  test.concurrent('a joiner gets the name that a mover gives up', async () => {
    await using at = await world();
    const made = company(54, 10);
    expectCode(await at.pass(made), 0);
    const mover = byId(made, 'e00005');
    hire(made, { userName: mover.userName });
    mover.userName = 'moved.on@corp.example';
    await settle(at, made);
  });
});
