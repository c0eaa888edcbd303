import type { Discovery } from '../scim/read/discovery.ts';
import { requireScimEndpoint } from './connect.ts';
import { probeBulk } from './protocol/bulk.ts';
import { probeDeactivation } from './users/deactivation.ts';
import { createAnotherUser, createMinimalUser, type MinimalUser } from './users/minimal-user.ts';
import { probeDeletion } from './users/deletion.ts';
import { probeServiceProviderConfig } from './protocol/service-provider-config.ts';
import { probeDuplicateUser } from './protocol/duplicate.ts';
import { probeEnterpriseExtension } from './users/enterprise-extension.ts';
import { undecided } from './finding.ts';
import { probeAttributeSupport, type FullUser } from './users/attribute-support.ts';
import { createFirstGroup, probeGroupAttributes } from './groups/groups.ts';
import { probeGroupRename, type RenameMethod } from './groups/group-rename.ts';
import { judgeGroupUpdate } from './groups/group-update.ts';
import type { ProbeSession } from './session.ts';
import type { Canary } from './ledger.ts';
import { measureDelay } from './protocol/consistency-delay.ts';
import { probeListing } from './protocol/listing.ts';
import { lookupValues, probeLookups, userLookupAttributes } from './protocol/lookup.ts';
import { probeMemberships, type MembershipSupport } from './groups/membership-support.ts';
import { judgePatch, probePatch } from './protocol/patch-support.ts';
import { judgeUpdate, probePut } from './protocol/put-support.ts';
import { probeRename } from './users/rename.ts';
import { probeUnknownMembers } from './groups/unknown-members.ts';
import { NoResponseError } from './errors.ts';
import { probeEtags } from './protocol/etags.ts';

/** Options of all experiments. */
export interface ExperimentOptions {
  /** Largest number of members in one request. */
  readonly members: number;
  readonly progress: (step: string) => void;
}

/**
 * Runs all experiments in order; each uses the findings of the earlier ones. An experiment without a response is
 * repeated once and then skipped.
 */
export async function runExperiments(session: ProbeSession, { members, progress }: ExperimentOptions): Promise<void> {
  const run = async <T>(name: string, work: () => Promise<T>): Promise<T | undefined> => {
    progress(name);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof NoResponseError)) throw error;
        await requireScimEndpoint(session);
        if (attempt === 1) continue;
        session.findings.add(undecided(name, `no response in two attempts: ${error.message}`));
        return undefined;
      }
    }
  };

  const discovery = await run('discovery', () => probeServiceProviderConfig(session));
  const minimalUser =
    (await run('creating a user', () => createMinimalUser(session))) ?? (await createMinimalUser(session));
  await run('measuring the consistency delay', () => measureDelay(session, minimalUser.canary));
  await run('creating the same user again', () => probeDuplicateUser(session, minimalUser));
  const fullUser = await run('attributes of users', () => probeAttributeSupport(session, minimalUser));
  await run('enterprise attributes', () => probeEnterpriseExtension(session, minimalUser));
  if (fullUser !== undefined)
    await run('filters of users', () =>
      probeLookups(
        session,
        'User',
        fullUser.canary,
        lookupValues(fullUser.stored, fullUser.sent),
        userLookupAttributes,
        fullUser.stored,
      ),
    );
  if (session.findings.profile().protocol.listing !== 'unreliable')
    await run('listing users', () => probeListing(session));
  if (fullUser !== undefined) await run('updating a user', () => probeUpdates(session, fullUser, discovery));
  if (fullUser !== undefined)
    await run('ETags', () => probeEtags(session, fullUser.canary, fullUser.stored, discovery));
  if (fullUser !== undefined)
    await run('deactivating and reactivating a user', () =>
      probeDeactivation(session, minimalUser.canary, fullUser.stored, minimalUser),
    );
  if (fullUser !== undefined)
    await run('changing a userName', () => probeRename(session, fullUser.canary, fullUser.stored));
  const group = await run('groups', () => probeFirstGroup(session));
  const rename =
    group === undefined ? undefined : await run('renaming a group', () => probeGroupRename(session, group));
  const membership =
    group === undefined
      ? undefined
      : await run('members of a group', () => probeGroups(session, group, rename, minimalUser, fullUser, members));
  await run('bulk', () => probeBulk(session, minimalUser, discovery, membership?.groupMembers));
  const userToDelete =
    membership?.memberToDelete ?? (await run('creating one more user', () => createAnotherUser(session, minimalUser)));
  if (userToDelete !== undefined)
    await run('deleting a user', () => probeMemberDeletion(session, minimalUser, userToDelete, membership));
  session.findings.add(
    undecided(
      'not tested',
      `finality of a deletion, maximum sizes of request bodies and groups, more than ${members} members in one request`,
    ),
  );
}

async function probeUpdates(
  session: ProbeSession,
  { canary, stored }: FullUser,
  discovery: Discovery | undefined,
): Promise<void> {
  const effects = await probePatch(session, canary, stored);
  const { coverage, findings } = judgePatch(effects, discovery?.patch);
  session.findings.add(...findings);
  const putSupport = await probePut(session, canary, stored);
  session.findings.add(...judgeUpdate(putSupport, coverage, discovery?.patch));
}

interface GroupContext extends MembershipSupport {
  /** A member of the group for the experiment with DELETE. */
  readonly memberToDelete?: Canary;
  /** A user who is not deleted. */
  readonly remainingMember: Canary;
}

async function probeFirstGroup(session: ProbeSession): Promise<Canary | undefined> {
  const group = await createFirstGroup(session);
  if (group !== undefined) await probeGroupAttributes(session, group);
  return group;
}

async function probeGroups(
  session: ProbeSession,
  group: Canary,
  rename: RenameMethod | undefined,
  minimalUser: MinimalUser,
  fullUser: FullUser | undefined,
  members: number,
): Promise<GroupContext> {
  const users = fullUser === undefined ? [minimalUser.canary] : [minimalUser.canary, fullUser.canary];
  while (users.length < members) {
    const user = await createAnotherUser(session, minimalUser);
    if (user === undefined) break;
    users.push(user);
  }
  const userIds = users.map(({ id }) => id);
  const membership = await probeMemberships(session, group, userIds);
  session.findings.add(...(await judgeGroupUpdate(session, rename ?? 'unknown', membership, userIds)));
  const memberToDelete = users.length > 2 ? users.at(-1) : undefined;
  return {
    ...membership,
    remainingMember: minimalUser.canary,
    ...(memberToDelete === undefined ? {} : { memberToDelete }),
  };
}

/** Deletes a member of the group. Its id then belongs to no user, which the experiment with unknown members needs. */
async function probeMemberDeletion(
  session: ProbeSession,
  minimalUser: MinimalUser,
  memberToDelete: Canary,
  membership: GroupContext | undefined,
): Promise<void> {
  if (membership?.isSupported === true) await membership.groupMembers.add([memberToDelete.id]);
  const isDeleted = await probeDeletion(session, memberToDelete, minimalUser, membership?.groupMembers);
  if (isDeleted && membership?.isSupported === true)
    await probeUnknownMembers(session, membership.groupMembers, memberToDelete.id, membership.remainingMember.id);
}
