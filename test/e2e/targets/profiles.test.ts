import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { profilesFolder } from '../../config/fixtures.ts';
import {
  startParallelSandboxes,
  type ParallelSandboxes,
  type TargetPass,
  type SandboxSetup,
} from '../../world/parallel-sandboxes.ts';
import {
  changeStages,
  runLifecycle,
  newCompany,
  idleStages,
  actualAccess,
  requestLines,
  stageTitles,
  unsuccessfulOperations,
  type Lifecycle,
  type Stage,
} from '../../world/lifecycle.ts';
import { builtInProfile } from '../../world/profile.ts';
import { target } from '../../world/fixture.ts';

jest.setTimeout(180_000);

const names = readdirSync(profilesFolder)
  .map((file) => file.replace(/\.json$/, ''))
  .sort();
const options = { lateEmail: false };

/** What some applications take nobody without, and the export has no column for. */
const requiredAttributes: Readonly<Record<string, unknown>> = {
  displayName: "user['name.familyName']",
  'name.formatted': "user['name.familyName']",
  entitlements: [{ value: 'Standard User' }],
};

const setupOf = (name: string): SandboxSetup => {
  const profile = builtInProfile(name);
  // At a pace that keeps no test waiting; the rest is as the profile says.
  const limits = { requestsPerSecond: 1000, quotas: [] };
  const played = { ...profile, limits: { ...profile.limits, ...limits } };
  const { mapping } = target('') as { mapping: { user: object; group: object } };
  const more = Object.fromEntries(
    Object.entries(requiredAttributes).filter(([path]) => profile.supports.requiredAttributes.includes(path)),
  );
  return {
    name,
    profile: played,
    profileConfig: { extends: name, limits },
    settings: () => ({ mapping: { ...mapping, user: { ...mapping.user, ...more } } }),
  };
};

let sandboxes: ParallelSandboxes;
let life: Lifecycle;

beforeAll(async () => {
  sandboxes = await startParallelSandboxes(names.map(setupOf));
  for (const name of names) {
    const { groups, groupsReadOnly } = builtInProfile(name).supports;
    const teams = [...newCompany(options).teams.values()];
    // One person and one group are there already, made by hand and without an externalId; where groups are given, all of them.
    sandboxes.sandbox(name).seed({
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
            groups: groupsReadOnly
              ? teams.map(({ displayName, id }) => ({ displayName, externalId: id }))
              : [{ displayName: 'Team 1' }],
          }
        : {}),
    });
  }
  life = await runLifecycle(sandboxes, options);
});

afterAll(() => sandboxes[Symbol.asyncDispose]());

describe.each(names)('%s', (name) => {
  const { supports } = builtInProfile(name);
  const at = (stage: number): { readonly stage: Stage; readonly pass: TargetPass } => {
    const found = life.stages[stage];
    const pass = found?.passes.get(name);
    if (found === undefined || pass === undefined) throw new Error(`no stage ${stage}`);
    return { stage: found, pass };
  };

  test.each(changeStages.map((stage) => [stageTitles[stage], stage] as const))(
    '%s: whoever should have access has it, and nobody else',
    (_title, number) => {
      const {
        stage: { expected },
        pass,
      } = at(number);
      expect(unsuccessfulOperations(pass)).toEqual([]);
      const isRenamed = !supports.groupNameImmutable && !supports.groupsReadOnly;
      const groups = Object.fromEntries(
        Object.entries(expected.groups).map(([group, members]) => [
          isRenamed || group !== 'Team renamed' ? group : 'Team 2',
          members,
        ]),
      );
      // Where names stay, the mover keeps the one that she was made with.
      const userNameAtTarget = (name_: string): string =>
        supports.immutableAttributes.includes('userName') && name_ === 'renamed@corp.example'
          ? 'p5@corp.example'
          : name_;
      const all = (people: readonly string[]): readonly string[] => people.map(userNameAtTarget).sort();
      expect(actualAccess(pass, supports)).toEqual({
        active: all(expected.active),
        ...(supports.groups
          ? { groups: Object.fromEntries(Object.entries(groups).map(([group, members]) => [group, all(members)])) }
          : {}),
      });
    },
  );

  test.each(idleStages)('stage %i: silent when nothing changed', (number) => {
    const { pass } = at(number);
    expect(requestLines(pass)).toEqual([]);
    expect(unsuccessfulOperations(pass)).toEqual([]);
  });
});
