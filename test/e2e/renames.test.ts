import { isDeepStrictEqual } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { byId, createCompany, hire, leave, peopleWithoutReports, type Company } from '../world/company.ts';
import { expectExitCode, drainLog, createFixture, type Fixture } from '../world/fixture.ts';
import { startParallelSandboxes } from '../world/parallel-sandboxes.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

/** Runs up to three passes until the states are equal; then one more pass must send no request. */
async function expectConvergence(fixture: Fixture, company: Company): Promise<void> {
  for (let turn = 1; turn <= 3; turn += 1) {
    const run = await fixture.pass(company);
    if (turn === 3) expectExitCode(run, 0);
    if (run.code === 0 && isDeepStrictEqual(fixture.state(), expectedState(company))) break;
  }
  expect(fixture.state()).toEqual(expectedState(company));
  drainLog(fixture.server);
  expectExitCode(await fixture.pass(company), 0);
  expect(drainLog(fixture.server)).toEqual([]);
}

describe('userNames that move between users', () => {
  test.each<[string, readonly string[], string | undefined, boolean?]>([
    ['a swap', ['e00001', 'e00002'], undefined],
    ['a swap, with PUT', ['e00001', 'e00002'], undefined, false],
    ['a cycle of five', ['e00001', 'e00002', 'e00003', 'e00004', 'e00005'], undefined],
    ['a chain that ends in a new name', ['e00003', 'e00001', 'e00002', 'e00004'], 'fresh@corp.example'],
    ['a chain in the other order', ['e00004', 'e00003', 'e00002', 'e00001'], 'fresh@corp.example'],
    ['a swap with different letter case', ['e00006', 'e00007'], 'P6@CORP.EXAMPLE'],
  ])('converge: %s', async (_what, ids, last, patch = true) => {
    await using fixture = await createFixture({ server: { patch }, inProcess: true });
    const company = createCompany(51, 12, 2);
    expectExitCode(await fixture.pass(company), 0);
    const before = new Map([...fixture.server.users.values()].map(({ id, data }) => [data['externalId'], id]));
    const people = ids.map((id) => byId(company, id));
    const names = people.map(({ userName }) => userName);
    people.forEach((person, position) => {
      person.userName = position + 1 < names.length ? (names[position + 1] ?? '') : (last ?? names[0] ?? '');
    });
    await expectConvergence(fixture, company);
    expect(new Map([...fixture.server.users.values()].map(({ id, data }) => [data['externalId'], id]))).toEqual(before);
  });

  test.each([
    ['delete', true],
    ['deactivate', true],
    ['delete', false],
    ['deactivate', false],
  ] as const)('a joiner gets the userName of a leaver in the same pass (%s, PATCH: %s)', async (action, patch) => {
    await using fixture = await createFixture({
      server: { patch },
      target: { leavers: { action } },
      inProcess: true,
    });
    const company = createCompany(52, 15, 2);
    expectExitCode(await fixture.pass(company), 0);
    const [leaver] = peopleWithoutReports(company, 1);
    if (leaver === undefined) throw new Error('there is no such person');
    leave(company, leaver.id);
    const joiner = hire(company, { userName: leaver.userName.toUpperCase() });
    expectExitCode(await fixture.pass(company), 0);
    const actual = fixture.state();
    if (action === 'deactivate') {
      expect(actual.users[leaver.id]).toMatchObject({ active: false });
      expect(String(actual.users[leaver.id]?.userName).toLowerCase()).not.toBe(joiner.userName.toLowerCase());
      leaver.userName = String(actual.users[leaver.id]?.userName);
    }
    expect(actual).toEqual(expectedState(company, action));
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('a mover gets the userName of a leaver', async () => {
    await using fixture = await createFixture({ target: { leavers: { action: 'delete' } }, inProcess: true });
    const company = createCompany(53, 15);
    expectExitCode(await fixture.pass(company), 0);
    const [leaver, mover] = peopleWithoutReports(company, 2);
    if (leaver === undefined || mover === undefined) throw new Error('there is no such person');
    leave(company, leaver.id);
    mover.userName = leaver.userName;
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company, 'delete'));
  });

  test('a joiner gets the former userName of a mover', async () => {
    await using fixture = await createFixture({ inProcess: true });
    const company = createCompany(54, 10);
    expectExitCode(await fixture.pass(company), 0);
    const mover = byId(company, 'e00005');
    hire(company, { userName: mover.userName });
    mover.userName = 'moved.on@corp.example';
    await expectConvergence(fixture, company);
  });
});

describe('a userName in another letter case', () => {
  test.each([
    ['a target that stores it as sent', [], 'ADA@Corp.Example'],
    ['a target that stores it in lower case (misbehaviour 8)', [8], 'ada@corp.example'],
  ])('is sent once: %s', async (_what, misbehaviours, stored) => {
    await using sandboxes = await startParallelSandboxes([
      { name: 'app', profileConfig: 'generic', profile: undefined, options: { misbehaviours } },
    ]);
    const company = createCompany(55, 6);
    const person = byId(company, 'e00003');
    const updates = async (): Promise<number> => {
      const { log } = (await sandboxes.pass(company)).get('app') ?? { log: [] };
      return log.filter(({ method }) => method === 'PATCH' || method === 'PUT').length;
    };
    person.userName = 'ada@corp.example';
    await updates();
    expect(await updates()).toBe(0);
    person.userName = 'ADA@Corp.Example';
    expect(await updates()).toBe(1);
    const account = sandboxes
      .sandbox('app')
      .users()
      .find(({ externalId }) => externalId === person.id);
    expect(account).toMatchObject({ userName: stored });
    expect(await updates()).toBe(0);
  });
});
