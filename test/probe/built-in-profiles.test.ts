import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { updateMethodOf, type Profile } from '../../src/model/profile.ts';
import { profilesFolder } from '../config/fixtures.ts';
import { sandboxToken, startInProcessSandbox } from '../world/in-process-sandbox.ts';
import { createSkippingClock } from '../world/skipping-clock.ts';
import { builtInProfile } from '../world/profile.ts';
import { runProbe } from './run-probe.ts';

/** The settings that a probe can detect; settings with the same effect have the same value. */
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
    // The probe tries at most 5 members. With one member per request, it has no separate finding about removals.
    removals: Math.min(5, limits.removalsPerRequest ?? limits.membersPerRequest),
    addAndRemoveTogether: limits.addAndRemoveTogether,
  };
}

/** Where the probe's result differs from the played profile, and why. */
const expectedDifferences: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // It reactivates by PUT, as it does every update. PUT removes attributes that it does not name, so the probe reads
  // first.
  fusionauth: { reactivation: 'active', updateGroups: 'getThenPut' },
  // It stores a few attributes by name, and no enterprise attribute.
  'github-emu': { enterpriseSchema: null, deletionEndsMemberships: true },
  gitlab: { enterpriseSchema: null },
  keycloak: { enterpriseSchema: null },
  // It drops the types of e-mail addresses: no value path matches an element, but PUT works.
  zitadel: { update: 'getThenPut' },
};

const profileNames = readdirSync(profilesFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

test.each(profileNames)('the probe of a sandbox that plays %s detects the settings of that profile', async (name) => {
  const played = builtInProfile(name);
  const unthrottled = { ...played, limits: { ...played.limits, requestsPerSecond: 10_000, quotas: [] } };
  const clock = createSkippingClock();
  const { sandbox, send } = startInProcessSandbox({ clock, profile: unthrottled });
  const { endpoints, headers, contentType } = played.protocol;
  const probed = await runProbe(
    { send },
    { url: sandbox.url, token: sandboxToken, clock, members: 5, protocol: { endpoints, headers, contentType } },
  );
  expect(probed.abortReason).toBeUndefined();
  expect(observableSettings(probed.profile)).toEqual({ ...observableSettings(played), ...expectedDifferences[name] });
  // Only where DELETE deactivates, or inactive users are hidden, may users remain.
  if (probed.profile.protocol.deletion === 'deletes') expect(probed.remnants).toEqual([]);
  expect(sandbox.groups()).toEqual([]);
});
