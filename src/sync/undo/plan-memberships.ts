import type { SourceKey } from '../../model/ids.ts';
import { plannedLimits, type DiscoveredPatch } from '../../plan/batch-limits.ts';
import { membershipCause } from '../../plan/membership-diff.ts';
import { reasonOf } from '../../plan/undo/undo-record.ts';
import type { MembershipEffect } from '../../store/store.ts';
import { flush, isBatchFull, type MemberChanges } from '../members/batches.ts';
import type { PlannedState } from '../planned-states.ts';
import type { UndoDraft } from './undo-draft.ts';
import { isUndone } from './undo-input.ts';

/** The changes of one group, and the members that do not come back. */
interface PendingGroup extends MemberChanges {
  readonly state: PlannedState;
  lost: number;
}

/**
 * Records the operations on memberships: those that the pass began end, and those that it ended begin.
 *
 * @returns the groups that the undo deletes, with the number of their memberships
 */
export async function planMemberships(draft: UndoDraft): Promise<ReadonlyMap<SourceKey, number>> {
  const { journal, store, profile, input } = draft;
  const limits = plannedLimits(profile, (await store.state()).discovery as DiscoveredPatch | undefined);
  const ended = new Map<SourceKey, number>();
  let pending: PendingGroup | undefined;
  const finish = async (): Promise<void> => {
    if (pending === undefined) return;
    await draft.add(flush(limits, pending, true));
    noteLost(draft, pending);
  };
  for await (const page of journal.membershipEffects(input.undone, input.spec.name))
    for (const effect of page) {
      if (!isUndone(input, effect.member)) continue;
      if (pending?.group !== effect.group) {
        await finish();
        pending = await openGroup(draft, effect.group);
        if (pending.state.action === 'delete') ended.set(effect.group, store.countMembers(effect.group));
      }
      await collect(draft, pending, effect);
      if (isBatchFull(limits, pending)) await draft.add(flush(limits, pending, false));
    }
  await finish();
  return ended;
}

async function openGroup({ plannedStates, input }: UndoDraft, group: SourceKey): Promise<PendingGroup> {
  const state = await plannedStates.of('Group', group);
  const changes = { remove: [], ready: [], waitingForCreate: [] };
  return { group, state, name: state.name, reason: reasonOf(input.undone), ...changes, lost: 0 };
}

/**
 * Adds the change of one membership.
 *
 *     the pass     now it is      undo
 *     began it     there          ends it, unless its group is deleted, or its member with all memberships
 *     ended it     not there      begins it, if the group and an active account of the member are there
 *     otherwise                   nothing: it was changed since
 */
async function collect(draft: UndoDraft, pending: PendingGroup, effect: MembershipEffect): Promise<void> {
  const { plannedStates, frozen, profile } = draft;
  const { member, isAdded, isKnown } = effect;
  const { state } = pending;
  if (isAdded !== isKnown || state.action === 'delete') return;
  const its = await plannedStates.of(member.resourceType, member.key);
  if (state.presence === 'protected' || its.presence === 'protected') return;
  const change = isAdded ? 'remove' : 'add';
  if (frozen.holdsBack(member.resourceType, member.key, undefined)) {
    frozen.addMembership({ key: pending.group, name: pending.name }, member, change);
    return;
  }
  const cause = membershipCause(change, state, its);
  const changed = { ...member, ...(cause === undefined ? {} : { cause }) };
  if (isAdded) {
    const endsWithMember = its.action === 'delete' && profile.protocol.deletionEndsMemberships;
    if (!endsWithMember) pending.remove.push(changed);
  } else if (state.presence !== 'present' || its.presence !== 'present') pending.lost += 1;
  else (state.isKnown && its.isKnown ? pending.ready : pending.waitingForCreate).push(changed);
}

function noteLost(draft: UndoDraft, { group, name, lost, state }: PendingGroup): void {
  if (lost === 0) return;
  const members = lost === 1 ? '1 membership does' : `${lost} memberships do`;
  const reason = state.presence === 'present' ? 'the members have no active account' : 'the group is not at the target';
  draft.note({ resourceType: 'Group', key: group, name }, `${members} not come back: ${reason}`, false);
}
