import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { profilesFolder } from '../config/written.ts';
import { fleet, type Fleet, type Leg, type Ship } from '../world/fleet.ts';
import { changes, live, newCompany, pauses, reached, requests, stageTitles, undone, type Life, type Stage } from '../world/life.ts';
import { builtIn } from '../world/profile.ts';
import { target } from '../world/setup.ts';

jest.setTimeout(180_000);

const names = readdirSync(profilesFolder).map((file) => file.replace(/\.json$/, '')).sort();
const options = { lateEmail: false };

/** What some applications take nobody without, and the export has no column for. */
const needed: Readonly<Record<string, unknown>> = { displayName: "user['name.familyName']", 'name.formatted': "user['name.familyName']", entitlements: [{ value: 'Standard User' }] };

const shipOf = (name: string): Ship => {
  const profile = builtIn(name);
  // At a pace that keeps no test waiting; the rest is as the profile says.
  const pace = { requestsPerSecond: 1000, windows: [] };
  const plays = { ...profile, allows: { ...profile.allows, ...pace } };
  const { mapping } = target('') as { mapping: { user: object; group: object } };
  const more = Object.fromEntries(Object.entries(needed).filter(([path]) => plays.holds.needs.includes(path)));
  return {
    name, plays,
    written: { extends: name, allows: pace },
    settings: () => ({ mapping: { ...mapping, user: { ...mapping.user, ...more } } }),
  };
};

let ships: Fleet;
let life: Life;

beforeAll(async () => {
  ships = await fleet(names.map(shipOf));
  for (const name of names) {
    if (!builtIn(name).holds.givenGroups) continue;
    ships.sandbox(name).seed({ groups: [...newCompany(options).teams.values()].map(({ displayName, id }) => ({ displayName, externalId: id })) });
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

  test.each(changes.map((stage) => [stageTitles[stage], stage] as const))('%s: whoever should have access has it, and nobody else', (_title, number) => {
    const { stage: { said }, leg } = at(number);
    expect(undone(leg)).toEqual([]);
    const isRenamed = holds.groupNames === 'change' && !holds.givenGroups;
    const groups = Object.fromEntries(Object.entries(said.groups).map(([group, members]) => [isRenamed || group !== 'Team renamed' ? group : 'Team 2', members]));
    expect(reached(leg, holds)).toEqual({ open: said.open, ...(holds.groups ? { groups } : {}) });
  });

  test.each(pauses)('stage %i: silent when nothing changed', (number) => {
    const { leg } = at(number);
    expect(requests(leg)).toEqual([]);
    expect(undone(leg)).toEqual([]);
  });
});
