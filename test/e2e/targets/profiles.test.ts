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

/** Attributes that some applications require and for which the export has no column. */
const requiredAttributes: Readonly<Record<string, unknown>> = {
  displayName: "user['name.familyName']",
  'name.formatted': "user['name.familyName']",
  entitlements: [{ value: 'Standard User' }],
};

const setupOf = (name: string): SandboxSetup => {
  const profile = builtInProfile(name);
  // Without rate limits, so that the tests do not wait; all other settings are those of the profile.
  const limits = { requestsPerSecond: 1000, quotas: [] };
  const fastProfile = { ...profile, limits: { ...profile.limits, ...limits } };
  const { mapping } = target('') as { mapping: { user: object; group: object } };
  const requiredMappings = Object.fromEntries(
    Object.entries(requiredAttributes).filter(([path]) => profile.supports.requiredAttributes.includes(path)),
  );
  return {
    name,
    profile: fastProfile,
    profileConfig: { extends: name, limits },
    settings: () => ({ mapping: { ...mapping, user: { ...mapping.user, ...requiredMappings } } }),
  };
};

let sandboxes: ParallelSandboxes;
let lifecycle: Lifecycle;

beforeAll(async () => {
  sandboxes = await startParallelSandboxes(names.map(setupOf));
  for (const name of names) {
    const { groups, groupsReadOnly } = builtInProfile(name).supports;
    const teams = [...newCompany(options).teams.values()];
    // One user and one group exist without an externalId. Where groups are read-only, all groups exist.
    sandboxes.sandbox(name).seed({
      users: [
        {
          userName: 'p1@corp.example',
          displayName: 'Created Manually',
          name: { givenName: 'Created', familyName: 'Manually' },
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
  lifecycle = await runLifecycle(sandboxes, options);
});

afterAll(() => sandboxes[Symbol.asyncDispose]());

describe.each(names)('%s', (name) => {
  const { supports } = builtInProfile(name);
  const at = (stage: number): { readonly stage: Stage; readonly pass: TargetPass } => {
    const result = lifecycle.stages[stage];
    const pass = result?.passes.get(name);
    if (result === undefined || pass === undefined) throw new Error(`no stage ${stage}`);
    return { stage: result, pass };
  };

  test.each(changeStages.map((stage) => [stageTitles[stage], stage] as const))(
    '%s: exactly the expected users have access',
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
      // Where userName is immutable, the mover keeps her first userName.
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

  test.each(idleStages)('stage %i: no request without a change', (number) => {
    const { pass } = at(number);
    expect(requestLines(pass)).toEqual([]);
    expect(unsuccessfulOperations(pass)).toEqual([]);
  });
});
