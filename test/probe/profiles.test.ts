import { readdirSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { updateForm, type Profile } from '../../src/model/profile.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { profilesFolder } from '../config/written.ts';
import { builtIn } from '../world/profile.ts';
import { seeded } from '../world/random.ts';
import { briskClock, probing } from './probing.ts';

jest.setTimeout(30_000);

const token = 'tok-odd-4711-secret';

/** What a probe can see of an application, in words that say the same by the same name. */
function visible({ holds, speaks, allows }: Profile): Readonly<Record<string, unknown>> {
  const form = (update: Profile['speaks']['update']): string => (update === 'auto' ? 'patch' : update);
  const {
    patchOps,
    patchPaths,
    booleans,
    manager,
    addMembers,
    removeMembers,
    readsMembers,
    membersQuery,
    listing,
    deactivation,
    reactivation,
    inactiveUsers,
    deletion,
    deletionEndsMemberships,
    conflictStatuses,
  } = speaks;
  return {
    groups: holds.groups,
    givenGroups: holds.givenGroups,
    groupNames: holds.groupNames,
    enterpriseSchema: holds.enterpriseSchema,
    update: form(speaks.update),
    updateGroups: form(updateForm(speaks, 'Group')),
    patchOps,
    patchPaths,
    booleans,
    manager,
    addMembers,
    removeMembers,
    readsMembers,
    membersQuery,
    listing,
    deactivation,
    reactivation,
    inactiveUsers,
    deletion,
    deletionEndsMemberships,
    conflictStatuses,
    // Where it is one at a time anyway, nothing more is said of removals.
    removals: Math.min(5, allows.removalsPerRequest ?? allows.membersPerRequest),
    mixesMembers: allows.mixesMembers,
  };
}

/** Where the probe says something else than the profile that is played, and why that is right or cannot be otherwise. */
const otherwise: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // The form in which it is opened again is PUT, as every change there; and since PUT wipes what it does not name, what is there is read first.
  fusionauth: { reactivation: 'active', updateGroups: 'getThenPut' },
  // It keeps a few attributes by name, and none of these.
  'github-emu': { enterpriseSchema: null, deletionEndsMemberships: true },
  gitlab: { enterpriseSchema: null },
  keycloak: { enterpriseSchema: null },
  // The misbehaviours that it plays differ from what its PATCH words say.
  'ory-polis': { groupNames: 'stay', patchPaths: 'always', readsMembers: true, updateGroups: 'getThenPut' },
  // It loses the types of addresses, so that no PATCH of an element is seen to reach it; a whole resource is.
  zitadel: { update: 'getThenPut' },
};

const names = readdirSync(profilesFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

test.each(names)('an application that plays %s is found to speak as that profile says', async (name) => {
  const played = builtIn(name);
  const unhurried = { ...played, allows: { ...played.allows, requestsPerSecond: 10_000, windows: [] } };
  const sandbox = await startSandbox({ clock: briskClock, random: seeded(4711), token, profile: unhurried });
  try {
    const { endpoints, headers, contentType } = played.speaks;
    const probed = await probing(sandbox.url, { members: 5, speaks: { endpoints, headers, contentType } });
    expect(probed.ended).toBeUndefined();
    expect(visible(probed.profile)).toEqual({ ...visible(played), ...otherwise[name] });
    // Where accounts can be deleted, and are not only hidden, nobody stays.
    if (probed.profile.speaks.deletion === 'deletes' && probed.remnants.length > 0)
      throw new Error(JSON.stringify(probed.remnants));
    expect(sandbox.groups()).toEqual([]);
  } finally {
    await sandbox.close();
  }
});
