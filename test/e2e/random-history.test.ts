import { expect, jest, test } from '@jest/globals';
import { addTeam, byId, createCompany, hire, leave, rehire, type Company } from '../world/company.ts';
import { seededRandom, shuffled, randomInt } from '../world/random.ts';
import { randomRuns, randomRunsTimeoutMs } from '../world/random-runs.ts';
import {
  noSanityChecks,
  expectExitCode,
  drainLog,
  createFixture,
  type Fixture,
  withoutDiscovery,
  writes,
} from '../world/fixture.ts';
import { expectedState, type State } from '../world/state.ts';
import type { Fault, StrictOptions } from '../world/strict-server/strict-server.ts';
import { unlimitedGuard } from '../world/limits.ts';

jest.setTimeout(randomRunsTimeoutMs);

const faults: readonly Fault[] = [
  'dropAfter',
  'dropBefore',
  { status: 500, after: true },
  { status: 503 },
  { status: 429, headers: { 'Retry-After': '0' } },
  { status: 400 },
];

type ServerKind = readonly ['deactivate' | 'delete', StrictOptions];

const serverKinds: readonly ServerKind[] = [
  ['deactivate', {}],
  ['delete', { uniqueExternalIds: true }],
  ['deactivate', { etags: true, requireIfMatch: true }],
  ['delete', { patch: false, deletionEndsMemberships: true }],
  ['deactivate', { patch: false }],
  ['deactivate', { refuseDuplicateMembers: true, pageLimit: 10 }],
  ['deactivate', { maxBulkOperations: 10 }],
];

const { numRuns, seed: firstSeed } = randomRuns(2 * serverKinds.length);
const histories = Array.from({ length: numRuns }, (_, index): readonly [number, ...ServerKind] => [
  firstSeed + index,
  ...(serverKinds[index % serverKinds.length] ?? ['deactivate', {}]),
]);

/**
 * Random histories: faults are injected into passes. After every second pass, passes with `--retry` and without faults
 * must bring the application to the state of the source, and one more pass must send no request. The test's name
 * contains the seed.
 */
test.each(histories)('random history %i converges (%s, %j)', async (seed, action, options) => {
  await using fixture = await createFixture({
    server: options,
    source: noSanityChecks,
    target: {
      guard: unlimitedGuard,
      profile: { extends: 'generic', protocol: { bulk: 'offered' } },
      leavers: { action, groups: 'delete' },
    },
    inProcess: true,
  });
  const company = createCompany(seed, 30, 4);
  const random = seededRandom(seed * 1000);
  for (let round = 0; round < 3; round += 1) {
    for (let step = 0; step < 2; step += 1) {
      for (let turn = 0; turn < 8; turn += 1) applyRandomChange(company, random);
      fixture.server.options.fault = ({ method }) =>
        method !== 'GET' && random() < 0.15 ? faults[randomInt(random, faults.length)] : undefined;
      await fixture.pass(company);
    }
    fixture.server.options.fault = undefined;
    await expectConvergence(fixture, company, action);
  }
});

function applyRandomChange(company: Company, random: () => number): void {
  const people = [...company.people.values()];
  const teams = [...company.teams.values()];
  const [person, other] = shuffled(random, people);
  const [team] = shuffled(random, teams);
  if (person === undefined || other === undefined || team === undefined) return;
  const leavers = shuffled(random, company.leavers.values());
  const isUserNameUsed = (userName: string): boolean => people.some((one) => one.userName === userName);
  switch (randomInt(random, 12)) {
    case 0:
      hire(company);
      break;
    case 1:
      leave(company, person.id);
      break;
    case 2:
      leave(company, person.id);
      hire(company, { userName: person.userName });
      break;
    case 3:
      [person.userName, other.userName] = [other.userName, person.userName];
      break;
    case 4:
      person.userName =
        leavers[0] === undefined || isUserNameUsed(leavers[0].userName)
          ? `renamed-${randomInt(random, 1e9)}@corp.example`
          : leavers[0].userName;
      break;
    case 5:
      person.title = `Title ${randomInt(random, 1000)}`;
      person.email = `mail${randomInt(random, 1e9)}@mail.example`;
      break;
    case 6:
      person.manager = other.id;
      break;
    case 7:
      if (!team.members.delete(person.id)) team.members.add(person.id);
      break;
    case 8:
      for (const id of [person.id, other.id]) team.members.add(id);
      break;
    case 9:
      team.displayName = `Team ${randomInt(random, 1e9)}`;
      break;
    case 10:
      if (teams.length > 3) company.teams.delete(team.id);
      else addTeam(company, `t${randomInt(random, 1e9)}`, `New ${randomInt(random, 1e9)}`, [person.id, other.id]);
      break;
    default:
      if (leavers[0] === undefined) break;
      if (isUserNameUsed(leavers[0].userName)) leavers[0].userName = `back-${randomInt(random, 1e9)}@corp.example`;
      rehire(company, leavers[0].id, [team.id]);
      if (leavers[0].manager !== undefined && !company.people.has(leavers[0].manager))
        byId(company, leavers[0].id).manager = undefined;
  }
  for (const { members } of company.teams.values())
    for (const id of members) if (!company.people.has(id)) members.delete(id);
}

async function expectConvergence(fixture: Fixture, company: Company, action: 'deactivate' | 'delete'): Promise<void> {
  // Records that failed more than once would be tried again only after several passes.
  const retryPass = () => fixture.pass(company, '--retry');
  let run = await retryPass();
  for (let turn = 0; turn < 2 && (run.code !== 0 || run.lines.length > 1); turn += 1) run = await retryPass();
  expectExitCode(run, 0);
  const actual = fixture.state();
  const onlyPeople = (state: State): State => ({
    ...state,
    users: Object.fromEntries(Object.entries(state.users).filter(([key]) => company.people.has(key))),
  });
  expect(onlyPeople(actual)).toEqual(onlyPeople(expectedState(company, action)));
  // A leaver may have no account (it was never created, or it was deleted); otherwise the account is inactive.
  const otherUsers = Object.entries(actual.users).filter(([key]) => !company.people.has(key));
  expect(otherUsers.filter(([key, { active }]) => !company.leavers.has(key) || active !== false)).toEqual([]);
  if (action === 'delete') expect(otherUsers).toEqual([]);
  drainLog(fixture.server);
  expectExitCode(await fixture.pass(company, '--full'), 0);
  // A second look at an earlier removal may be due.
  expect(writes(drainLog(fixture.server))).toEqual([]);
  expectExitCode(await fixture.pass(company, '--full'), 0);
  expect(withoutDiscovery(drainLog(fixture.server))).toEqual([]);
}
