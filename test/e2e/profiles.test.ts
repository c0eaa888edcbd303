import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { profilesFolder } from '../config/written.ts';
import { byId, company, hire, leave, rehire, withoutReports, type Company } from '../world/company.ts';
import { crewOf, crewOfCompany, fleet, openOnes, type Fleet, type Leg } from '../world/fleet.ts';
import { builtIn } from '../world/profile.ts';
import { expectCode } from '../world/setup.ts';

jest.setTimeout(180_000);

const names = readdirSync(profilesFolder).map((file) => file.replace(/\.json$/, '')).sort();

type Legs = ReadonlyMap<string, Leg>;

/** A pass, and what HR said before it. */
interface Stage {
  readonly title: string;
  readonly said: ReturnType<typeof crewOfCompany>;
  readonly titles: Readonly<Record<string, string>>;
  readonly legs: Legs;
}

const silent = 'nothing changed';
let ships: Fleet;
const stages: Stage[] = [];

beforeAll(async () => {
  ships = await fleet(names.map((name) => ({ name, written: { extends: name, allows: { requestsPerSecond: 1000, concurrency: 4 } }, plays: builtIn(name) })));
  const made = company(461, 9, 3);
  for (const name of names) {
    const { holds } = builtIn(name);
    if (holds.givenGroups) ships.sandbox(name).seed({ groups: [...made.teams.values()].map(({ displayName, id }) => ({ displayName, externalId: id })) });
  }
  await stage('joiners', made);
  await stage(silent, made);
  const [mover, leaver, second] = withoutReports(made, 3);
  if (mover === undefined || leaver === undefined || second === undefined) throw new Error('nobody');
  mover.title = 'Moved';
  mover.familyName = 'Renamed';
  leave(made, leaver.id);
  const joiner = hire(made);
  const [first, other] = [...made.teams.values()];
  first?.members.delete(second.id);
  for (const team of made.teams.values()) if (team !== first) team.members.add(second.id);
  if (other !== undefined) other.displayName = 'Team renamed';
  await stage('a mover, a leaver, a joiner, other memberships, a renamed group', made);
  await stage(silent, made);
  rehire(made, leaver.id, ['t1', 't3']);
  leave(made, joiner.id);
  byId(made, mover.id).title = 'Moved again';
  await stage('a rehire', made);
  await stage(silent, made);
});

afterAll(() => ships[Symbol.asyncDispose]());

async function stage(title: string, made: Company): Promise<void> {
  const legs = await ships.pass(made);
  const titles = Object.fromEntries([...made.people.values()].map((person) => [person.userName.toLowerCase(), person.title]));
  stages.push({ title, said: structuredClone(crewOfCompany(made)), titles, legs });
}

describe.each(names)('%s', (name) => {
  const { holds } = builtIn(name);
  const leg = (at: number): Leg => {
    const found = stages[at]?.legs.get(name);
    if (found === undefined) throw new Error(`no stage ${at}`);
    return found;
  };

  test.each([0, 2, 4])('stage %#: everybody who should have access has it, and nobody else', (at) => {
    expect(failed(leg(at))).toEqual([]);
    expect(openOnes(crewOf(leg(at)))).toEqual(stages[at]?.said.open);
    if (!holds.groups) return;
    const said = Object.entries(stages[at]?.said.groups ?? {});
    const kept = holds.groupNames === 'stay' || holds.givenGroups ? said.map(([group, members]) => [group === 'Team renamed' ? 'Team 2' : group, members]) : said;
    expect(crewOf(leg(at)).groups).toEqual(Object.fromEntries(kept));
  });

  test.each([1, 3, 5])('stage %#: silent when nothing changed', (at) => {
    expectCode(leg(at).run, 0);
    expect(leg(at).log.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

const failed = ({ operations }: Leg): readonly unknown[] => operations.filter(({ outcome }) => outcome === 'failed' || outcome === 'skipped');
