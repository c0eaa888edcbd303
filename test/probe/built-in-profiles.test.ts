import { readdirSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { updateMethodOf, type Profile } from '../../src/model/profile.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { profilesFolder } from '../config/fixtures.ts';
import { builtInProfile } from '../world/profile.ts';
import { seededRandom } from '../world/random.ts';
import { fastClock, runProbe } from './run-probe.ts';

jest.setTimeout(30_000);

const token = 'tok-odd-4711-secret';

/** What a probe can see of an application, in words that say the same by the same name. */
function observableSettings({ supports, protocol, limits }: Profile): Readonly<Record<string, unknown>> {
  const methodOf = (update: Profile['protocol']['update']): string => (update === 'auto' ? 'patch' : update);
  const {
    patchOps,
    patchPaths,
    booleans,
    manager,
    addMembers,
    removeMembers,
    returnsMembers,
    groupReadQuery,
    listing,
    deactivation,
    reactivation,
    inactiveUsers,
    deletion,
    deletionEndsMemberships,
    conflictStatuses,
  } = protocol;
  return {
    groups: supports.groups,
    groupsReadOnly: supports.groupsReadOnly,
    groupNameImmutable: supports.groupNameImmutable,
    enterpriseSchema: supports.enterpriseSchema,
    update: methodOf(protocol.update),
    updateGroups: methodOf(updateMethodOf(protocol, 'Group')),
    patchOps,
    patchPaths,
    booleans,
    manager,
    addMembers,
    removeMembers,
    returnsMembers,
    groupReadQuery,
    listing,
    deactivation,
    reactivation,
    inactiveUsers,
    deletion,
    deletionEndsMemberships,
    conflictStatuses,
    // Where it is one at a time anyway, nothing more is said of removals.
    removals: Math.min(5, limits.removalsPerRequest ?? limits.membersPerRequest),
    addAndRemoveTogether: limits.addAndRemoveTogether,
  };
}

/** Where the probe says something else than the profile that is played, and why that is right or cannot be otherwise. */
const expectedDifferences: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // The form in which it is opened again is PUT, as every change there; and since PUT wipes what it does not name, what is there is read first.
  fusionauth: { reactivation: 'active', updateGroups: 'getThenPut' },
  // It keeps a few attributes by name, and none of these.
  'github-emu': { enterpriseSchema: null, deletionEndsMemberships: true },
  gitlab: { enterpriseSchema: null },
  keycloak: { enterpriseSchema: null },
  // The misbehaviours that it plays differ from what its PATCH words say.
  'ory-polis': { groupNameImmutable: true, patchPaths: 'always', returnsMembers: true, updateGroups: 'getThenPut' },
  // It loses the types of addresses, so that no PATCH of an element is seen to reach it; a whole resource is.
  zitadel: { update: 'getThenPut' },
};

const profileNames = readdirSync(profilesFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

test.each(profileNames)('an application that plays %s is found to speak as that profile says', async (name) => {
  const played = builtInProfile(name);
  const unhurried = { ...played, limits: { ...played.limits, requestsPerSecond: 10_000, quotas: [] } };
  const sandbox = await startSandbox({ clock: fastClock, random: seededRandom(4711), token, profile: unhurried });
  try {
    const { endpoints, headers, contentType } = played.protocol;
    const probed = await runProbe(sandbox.url, { members: 5, protocol: { endpoints, headers, contentType } });
    expect(probed.abortReason).toBeUndefined();
    expect(observableSettings(probed.profile)).toEqual({ ...observableSettings(played), ...expectedDifferences[name] });
    // Where accounts can be deleted, and are not only hidden, nobody stays.
    if (probed.profile.protocol.deletion === 'deletes' && probed.remnants.length > 0)
      throw new Error(JSON.stringify(probed.remnants));
    expect(sandbox.groups()).toEqual([]);
  } finally {
    await sandbox.close();
  }
});
