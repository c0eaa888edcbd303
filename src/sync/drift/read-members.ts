import type { RemoteId } from '../../model/ids.ts';
import type { Member } from '../../model/operation.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { recordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';
import { resourceTypes } from '../../model/resource-type.ts';
import type { DriftMember } from '../../model/target/drift.ts';
import type { DriftCheck } from './drift-check.ts';
import { addUnproven } from './drift-check.ts';
import type { FoundDrift } from './record-drift.ts';

/**
 * Compares the members that a read of a group shows with those that the target acknowledged. A member that is shown was
 * added; one that is not shown may be hidden by a list that was cut, so its absence is proven by other reads.
 * Memberships in doubt, and those that are planned again, are left out.
 */
export async function readMembers(
  check: DriftCheck,
  { key, remoteId }: KnownState,
  shown: RemoteResource,
): Promise<readonly FoundDrift[]> {
  const { serving, store, target, stop, spec } = check;
  if (!spec.profile.protocol.returnsMembers) return [];
  const { members: acknowledged } = await serving.membersOf(key, false);
  const pending = store.drift.pendingMembers(key);
  const shownIds = new Set(shown.members ?? []);
  const knownIds = new Set(acknowledged.map(({ id }) => id));
  const added = [...shownIds]
    .filter((id) => !knownIds.has(id))
    .map((id): DriftMember => ({ id, owner: ownerOf(check, id) }))
    .filter(({ owner }) => owner === undefined || !pending.has(owner.key));
  const missing = acknowledged.filter(
    ({ member, id }) => !shownIds.has(id) && !pending.has(member.key) && !isDeleted(check, member),
  );
  const witness = acknowledged.find(({ id, member }) => shownIds.has(id) && member.resourceType === 'User')?.id;
  const { left, isComplete } =
    missing.length === 0
      ? { left: [], isComplete: true }
      : await target.membersLeft({ id: remoteId, members: shown.members, missing, witness }, stop);
  if (!isComplete) addUnproven(check, 'the list of members may be cut, and does not prove who has left the group');
  return [...addedMembers(check, key, added), ...left.map(({ member, id }) => removedMember({ id, owner: member }))];
}

function ownerOf({ store }: DriftCheck, id: RemoteId): Member | undefined {
  for (const resourceType of resourceTypes) {
    const key = store.owner(resourceType, id);
    if (key !== undefined) return { resourceType, key };
  }
  return undefined;
}

function addedMembers(
  { store }: DriftCheck,
  group: KnownState['key'],
  added: readonly DriftMember[],
): readonly FoundDrift[] {
  const owned = added.flatMap(({ owner }) => owner ?? []);
  const ended = store.drift.endedMembers(group, owned);
  return added.map((member) => ({
    ...{ kind: 'memberAdded', path: 'members', member, acknowledged: null, shown: member.id },
    isEnded: member.owner !== undefined && (ended.has(recordKey(member.owner)) || hasNoAccess(store, member.owner)),
  }));
}

/** The group lacks it because the account is gone, which is a difference of its own. */
const isDeleted = ({ store }: DriftCheck, member: Member): boolean =>
  store.drift.openOf(member).some(({ kind }) => kind === 'deleted');

/** A leaver loses the memberships with the access. */
const hasNoAccess = (store: DriftCheck['store'], { resourceType, key }: Member): boolean =>
  resourceType === 'User' && store.known(resourceType, key)?.active === false;

const removedMember = (member: DriftMember): FoundDrift => ({
  ...{ kind: 'memberRemoved', path: 'members', member, acknowledged: member.id, shown: null },
});
