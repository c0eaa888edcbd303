import { expect, jest, test } from '@jest/globals';
import { addTeam, byId, company, hire, leave, rehire, type Company } from '../world/company.ts';
import { seeded, shuffled, whole } from '../world/random.ts';
import { credulous, expectCode, taken, world, type World } from '../world/setup.ts';
import { expectedState, type State } from '../world/state.ts';
import type { Fault, StrictOptions } from '../world/strict-server.ts';

jest.setTimeout(120_000);

const faults: readonly Fault[] = [
  'dropAfter',
  'dropBefore',
  { status: 500, after: true },
  { status: 503 },
  { status: 429, headers: { 'Retry-After': '0' } },
  { status: 400 },
];

/**
 * Companies that live by chance: some passes meet faults, and after each few of them one without faults must bring the
 * application to exactly what HR has, with nothing left to ask. The seed is in the name of the test.
 */
test.concurrent.each<[number, 'deactivate' | 'delete', StrictOptions]>([
  [1, 'deactivate', {}],
  [2, 'delete', { uniqueExternalIds: true }],
  [3, 'deactivate', { etags: true, requireIfMatch: true }],
  [4, 'delete', { patch: false, deletionEndsMemberships: true }],
  [18, 'deactivate', { patch: false }],
  [5, 'deactivate', { refuseDuplicateMembers: true, pageLimit: 10 }],
  [6, 'deactivate', { bulkOperations: 10 }],
])('the life of company %i always ends in step (%s)', async (seed, action, options) => {
  const generous = { guard: { maxRemovals: '100%', maxRenames: '100%' } };
  await using at = await world({
    server: options,
    source: credulous,
    target: { ...generous, profile: { extends: 'generic', speaks: { bulk: 'offered' } }, leavers: { action } },
  });
  const made = company(seed, 30, 4);
  const random = seeded(seed * 1000);
  for (let chapter = 0; chapter < 3; chapter += 1) {
    for (let step = 0; step < 2; step += 1) {
      for (let turn = 0; turn < 8; turn += 1) happen(made, random);
      at.server.options.fault = ({ method }) =>
        method !== 'GET' && random() < 0.15 ? faults[whole(random, faults.length)] : undefined;
      await at.pass(made);
    }
    at.server.options.fault = undefined;
    await settle(at, made, action);
  }
});

function happen(made: Company, random: () => number): void {
  const people = [...made.people.values()];
  const teams = [...made.teams.values()];
  const [person, other] = shuffled(random, people);
  const [team] = shuffled(random, teams);
  if (person === undefined || other === undefined || team === undefined) return;
  const gone = shuffled(random, made.left.values());
  const taken_ = (userName: string): boolean => people.some((one) => one.userName === userName);
  switch (whole(random, 12)) {
    case 0:
      hire(made);
      break;
    case 1:
      leave(made, person.id);
      break;
    case 2:
      leave(made, person.id);
      hire(made, { userName: person.userName });
      break;
    case 3:
      [person.userName, other.userName] = [other.userName, person.userName];
      break;
    case 4:
      person.userName =
        gone[0] === undefined || taken_(gone[0].userName)
          ? `renamed-${whole(random, 1e9)}@corp.example`
          : gone[0].userName;
      break;
    case 5:
      person.title = `Title ${whole(random, 1000)}`;
      person.email = `mail${whole(random, 1e9)}@mail.example`;
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
      team.displayName = `Team ${whole(random, 1e9)}`;
      break;
    case 10:
      if (teams.length > 3) made.teams.delete(team.id);
      else addTeam(made, `t${whole(random, 1e9)}`, `New ${whole(random, 1e9)}`, [person.id, other.id]);
      break;
    default:
      if (gone[0] === undefined) break;
      if (taken_(gone[0].userName)) gone[0].userName = `back-${whole(random, 1e9)}@corp.example`;
      rehire(made, gone[0].id, [team.id]);
      if (gone[0].manager !== undefined && !made.people.has(gone[0].manager))
        byId(made, gone[0].id).manager = undefined;
  }
  for (const { members } of made.teams.values()) for (const id of members) if (!made.people.has(id)) members.delete(id);
}

async function settle(at: World, made: Company, action: 'deactivate' | 'delete'): Promise<void> {
  let run = await at.pass(made);
  for (let turn = 0; turn < 2 && (run.code !== 0 || run.lines.length > 1); turn += 1) run = await at.pass(made);
  expectCode(run, 0);
  const actual = at.state();
  const here = (state: State): State => ({
    ...state,
    users: Object.fromEntries(Object.entries(state.users).filter(([key]) => made.people.has(key))),
  });
  expect(here(actual)).toEqual(here(expectedState(made, action)));
  // Who left may never have been there; who is there is inactive, or gone.
  const rest = Object.entries(actual.users).filter(([key]) => !made.people.has(key));
  expect(rest.filter(([key, { active }]) => !made.left.has(key) || active !== false)).toEqual([]);
  if (action === 'delete') expect(rest).toEqual([]);
  taken(at.server);
  expectCode(await at.pass(made, '--full'), 0);
  expect(taken(at.server)).toEqual([]);
}
