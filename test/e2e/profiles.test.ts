import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { profilesFolder } from '../config/written.ts';
import { fleet, type Fleet, type Leg, type Ship } from '../world/fleet.ts';
import {
  changes,
  live,
  newCompany,
  pauses,
  reached,
  requests,
  stageTitles,
  undone,
  type Life,
  type Stage,
} from '../world/life.ts';
import { builtIn } from '../world/profile.ts';
import { target } from '../world/setup.ts';

jest.setTimeout(180_000);

const names = readdirSync(profilesFolder)
  .map((file) => file.replace(/\.json$/, ''))
  .sort();
const options = { lateEmail: false };

/** What some applications take nobody without, and the export has no column for. */
const needed: Readonly<Record<string, unknown>> = {
  displayName: "user['name.familyName']",
  'name.formatted': "user['name.familyName']",
  entitlements: [{ value: 'Standard User' }],
};

const shipOf = (name: string): Ship => {
  const profile = builtIn(name);
  // At a pace that keeps no test waiting; the rest is as the profile says.
  const pace = { requestsPerSecond: 1000, windows: [] };
  const plays = { ...profile, allows: { ...profile.allows, ...pace } };
  const { mapping } = target('') as { mapping: { user: object; group: object } };
  const more = Object.fromEntries(Object.entries(needed).filter(([path]) => plays.holds.needs.includes(path)));
  return {
    name,
    plays,
    written: { extends: name, allows: pace },
    settings: () => ({ mapping: { ...mapping, user: { ...mapping.user, ...more } } }),
  };
};

let ships: Fleet;
let life: Life;

beforeAll(async () => {
  ships = await fleet(names.map(shipOf));
  for (const name of names) {
    const { groups, givenGroups } = builtIn(name).holds;
    const teams = [...newCompany(options).teams.values()];
    // One person and one group are there already, made by hand and without an externalId; where groups are given, all of them.
    ships.sandbox(name).seed({
      users: [
        {
          userName: 'p1@corp.example',
          displayName: 'By hand',
          name: { givenName: 'By', familyName: 'Hand' },
          emails: [{ value: 'p1@mail.corp.example', type: 'work', primary: true }],
          active: true,
        },
      ],
      ...(groups
        ? {
            groups: givenGroups
              ? teams.map(({ displayName, id }) => ({ displayName, externalId: id }))
              : [{ displayName: 'Team 1' }],
          }
        : {}),
    });
  }
  life = await live(ships, options);
});

afterAll(() => ships[Symbol.asyncDispose]());

describe.each(names)('%s', (name) => {
  const { holds } = builtIn(name);
  const at = (stage: number): { readonly stage: Stage; readonly leg: Leg } => {
    const found = life.stages[stage];
    const leg = found?.legs.get(name);
    if (found === undefined || leg === undefined) throw new Error(`no stage ${stage}`);
    return { stage: found, leg };
  };

  test.each(changes.map((stage) => [stageTitles[stage], stage] as const))(
    '%s: whoever should have access has it, and nobody else',
    (_title, number) => {
      const {
        stage: { said },
        leg,
      } = at(number);
      expect(undone(leg)).toEqual([]);
      const isRenamed = holds.groupNames === 'change' && !holds.givenGroups;
      const groups = Object.fromEntries(
        Object.entries(said.groups).map(([group, members]) => [
          isRenamed || group !== 'Team renamed' ? group : 'Team 2',
          members,
        ]),
      );
      // Where names stay, the mover keeps the one that she was made with.
      const called = (name_: string): string =>
        holds.fixed.includes('userName') && name_ === 'renamed@corp.example' ? 'p5@corp.example' : name_;
      const all = (people: readonly string[]): readonly string[] => people.map(called).sort();
      expect(reached(leg, holds)).toEqual({
        open: all(said.open),
        ...(holds.groups
          ? { groups: Object.fromEntries(Object.entries(groups).map(([group, members]) => [group, all(members)])) }
          : {}),
      });
    },
  );

  test.each(pauses)('stage %i: silent when nothing changed', (number) => {
    const { leg } = at(number);
    expect(requests(leg)).toEqual([]);
    expect(undone(leg)).toEqual([]);
  });
});
