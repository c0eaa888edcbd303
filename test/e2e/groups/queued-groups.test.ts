import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { addTeam, createCompany, leave, peopleWithoutReports, type Company } from '../../world/company.ts';
import { createFixture, drainLog, expectExitCode, writes, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { expectedState } from '../../world/state.ts';
import type { LogEntry, StrictOptions } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(120_000);

let fixture: Fixture;
let company: Company;
let queue: LogEntry[];

/** A server that answers 202 to every write of a group, and executes it later. */
beforeEach(async () => {
  fixture = await createFixture({ inProcess: true, target: { guard: unlimitedGuard } });
  company = createCompany(511, 12, 3);
  expectExitCode(await fixture.pass(company), 0);
  queue = [];
  fixture.server.options.fault = queued;
});
afterEach(() => fixture[Symbol.asyncDispose]());

type FaultOf = NonNullable<StrictOptions['fault']>;

const queued: FaultOf = (entry) => {
  if (entry.method === 'GET' || !entry.path.startsWith('/Groups')) return undefined;
  queue.push(entry);
  return { status: 202, body: () => ({}) };
};

/** The same, where a GET of a group without members shows no `members` (RFC 7643, section 2.5). */
const withoutEmptyMembers =
  (other: FaultOf | undefined): FaultOf =>
  (entry, number) => {
    if (entry.method !== 'GET' || !entry.path.startsWith('/Groups/')) return other?.(entry, number);
    const body = (applied: object | undefined): object => {
      const { members, ...rest } = (applied ?? {}) as { readonly members?: readonly unknown[] };
      return members === undefined || members.length === 0 ? rest : { ...rest, members };
    };
    return { status: 200, after: true, body };
  };

/** Executes what is in the queue. */
async function deliver(): Promise<void> {
  const { server } = fixture;
  const { fault } = server.options;
  server.options.fault = undefined;
  for (const { method, path, body } of queue.splice(0))
    await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  server.options.fault = fault;
}

const groupWrites = (): readonly string[] =>
  writes(drainLog(fixture.server))
    .filter(({ path }) => path.startsWith('/Groups'))
    .map(({ method }) => method);

/** The first pass sends, the second one reads, the third one has nothing to do. */
async function expectConvergence(): Promise<void> {
  expectExitCode(await fixture.pass(company), 1);
  await deliver();
  drainLog(fixture.server);
  expectExitCode(await fixture.pass(company), 0);
  expect(groupWrites()).toEqual([]);
  expect(fixture.state()).toEqual(expectedState(company));
  expectExitCode(await fixture.pass(company), 0);
  expect(drainLog(fixture.server)).toEqual([]);
}

const teams = () => [...company.teams.values()];
const [first, second] = [0, 1];

describe('group writes that are answered 202 and executed later', () => {
  test('new members', async () => {
    const team = teams()[first];
    for (const { id } of peopleWithoutReports(company, 4)) team?.members.add(id);
    await expectConvergence();
  });

  test('removed members', async () => {
    for (const team of teams().slice(first, second + 1)) team.members.delete([...team.members][0] ?? '');
    await expectConvergence();
  });

  test('the last member, while a GET omits an empty list', async () => {
    fixture.server.options.fault = undefined;
    await fixture[Symbol.asyncDispose]();
    fixture = await createFixture({
      inProcess: true,
      target: { guard: unlimitedGuard, verification: { firstWrites: 3 } },
    });
    company = createCompany(511, 12, 3);
    expectExitCode(await fixture.pass(company), 0);
    const team = teams()[first];
    for (const id of [...(team?.members ?? [])].slice(1)) team?.members.delete(id);
    fixture.server.options.fault = withoutEmptyMembers(undefined);
    expectExitCode(await fixture.pass(company), 0);
    fixture.server.options.fault = withoutEmptyMembers(queued);
    team?.members.clear();
    await expectConvergence();
  });

  test('the members of a leaver', async () => {
    const [leaver] = peopleWithoutReports(company, 1);
    teams()[first]?.members.add(leaver?.id ?? '');
    await expectConvergence();
    leave(company, leaver?.id ?? '');
    await expectConvergence();
  });

  test('a renamed group', async () => {
    const team = teams()[first];
    if (team !== undefined) team.displayName = 'Renamed';
    await expectConvergence();
  });

  test('a write that the queue loses is sent again', async () => {
    const team = teams()[first];
    for (const { id } of peopleWithoutReports(company, 4)) team?.members.add(id);
    expectExitCode(await fixture.pass(company), 1);
    expect(queue.splice(0)).toHaveLength(1);
    await expectConvergence();
  });

  test('an addition that is still in the queue does not settle the removal of the same member', async () => {
    const [leaver] = peopleWithoutReports(company, 1);
    const team = teams()[first];
    team?.members.delete(leaver?.id ?? '');
    expectExitCode(await fixture.pass(company), queue.length > 0 ? 1 : 0);
    await deliver();
    await fixture.pass(company);
    team?.members.add(leaver?.id ?? '');
    expectExitCode(await fixture.pass(company), 1);
    team?.members.delete(leaver?.id ?? '');
    expectExitCode(await fixture.pass(company), 1);
    expect(queue).toHaveLength(2);
    await deliver();
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test('a new group with members', async () => {
    addTeam(
      company,
      'new',
      'New team',
      peopleWithoutReports(company, 2).map(({ id }) => id),
    );
    for (let turn = 0; turn < 4; turn += 1) {
      await fixture.pass(company);
      await deliver();
    }
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });
});
