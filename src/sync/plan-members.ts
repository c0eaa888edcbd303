import type { SourceKey } from '../model/ids.ts';
import type { ChangedMember, MembershipCause } from '../model/operation.ts';
import type { BatchLimits } from '../model/profile.ts';
import { plannedLimits, type DiscoveredPatch } from '../plan/batch-limits.ts';
import { diffMembership, keepsMemberships, membershipCause } from '../plan/membership-diff.ts';
import type { MembershipCandidate, PlanningScope } from '../store/store.ts';
import { flush, isBatchFull, type MemberChanges } from './members/batches.ts';
import type { PlanContext } from './plan-context.ts';
import type { PlannedState } from './planned-states.ts';

const pageSize = 1000;

interface PendingAddition {
  readonly member: ChangedMember;
  /** The group or the member is created by this plan. */
  readonly isWaitingForCreate: boolean;
}

/** The changes of one group that are not yet part of an operation. */
interface PendingGroup extends MemberChanges {
  /** Number of members that may still join; negative if the group has too many. */
  room: number;
  /** Additions that need the place of a removed member. */
  readonly waitingForRoom: PendingAddition[];
  /** Number of further additions, beyond `waitingForRoom`. */
  overLimit: number;
}

/** What ends with groups, besides the operations on memberships. */
export interface EndedWithGroups {
  /** Deleted groups, with the number of their memberships of people who stay. */
  readonly deleted: ReadonlyMap<SourceKey, number>;
  /** Number of groups whose members are removed because the group left the source or the scope. */
  readonly emptied: number;
}

/** Compares memberships, group by group, and records the changes in operations of one request each. */
export async function planMembers(
  context: PlanContext,
  scope: PlanningScope,
  groupsToRecompute: readonly SourceKey[],
): Promise<EndedWithGroups> {
  const { store } = context;
  const maxMembers = context.profile.limits.membersPerGroup;
  const limits = plannedLimits(context.profile, (await store.state()).discovery as DiscoveredPatch | undefined);
  await store.selectMemberships(scope, groupsToRecompute, maxMembers ?? undefined, context.plannedStates.exceptions());
  let pending: PendingGroup | undefined;
  const deleted = new Map<SourceKey, number>();
  let emptied = 0;
  let lastEmptied: SourceKey | undefined;
  for (let after = 0; ;) {
    const { page, next } = await store.memberships(after, pageSize);
    if (next === undefined) break;
    after = next;
    for (const membership of page) {
      if (pending?.group !== membership.group) {
        await finishGroup(context, limits, pending);
        pending = undefined;
      }
      const ends = cachedEnds(context, membership) ?? (await loadEnds(context, membership));
      const compared = compare(context, membership, ends);
      const { change, cause } = compared;
      if (compared.endsWithGroup) increment(deleted, membership.group);
      if (change === 'nothing' || (await isPostponed(context, membership, change))) continue;
      pending ??= await openGroup(context, membership.group);
      if (cause === 'emptied' && lastEmptied !== membership.group) {
        emptied += 1;
        lastEmptied = membership.group;
      }
      collect(context, pending, membership, ends, { change, cause });
      if (isBatchFull(limits, pending)) await context.add(flush(limits, pending, false));
    }
    await context.nextSlice();
  }
  await finishGroup(context, limits, pending);
  return { deleted, emptied };
}

const increment = (counts: Map<SourceKey, number>, group: SourceKey): void =>
  void counts.set(group, 1 + (counts.get(group) ?? 0));

async function openGroup({ store, profile, plannedStates }: PlanContext, group: SourceKey): Promise<PendingGroup> {
  const maxMembers = profile.limits.membersPerGroup;
  const room = maxMembers === null ? Number.POSITIVE_INFINITY : maxMembers - store.countMembers(group);
  return {
    group,
    name: (await plannedStates.of('Group', group)).name,
    reason: 'memberships changed',
    remove: [],
    ready: [],
    waitingForCreate: [],
    room,
    waitingForRoom: [],
    overLimit: 0,
  };
}

/** After the last change of a group: waiting additions take the places that became free; the others are left out. */
async function finishGroup(
  context: PlanContext,
  limits: BatchLimits,
  pending: PendingGroup | undefined,
): Promise<void> {
  if (pending === undefined) return;
  const { waitingForRoom, group, name } = pending;
  for (const change of waitingForRoom.splice(0, Math.max(0, pending.room))) enqueueAddition(pending, change);
  await context.add(flush(limits, pending, true));
  const excluded = waitingForRoom.length + pending.overLimit;
  const members = excluded === 1 ? '1 member is' : `${excluded} members are`;
  if (excluded > 0)
    context.note(
      { resourceType: 'Group', key: group, name },
      `${members} left out: a group may have at most ${context.profile.limits.membersPerGroup} at this target`,
      true,
    );
}

interface ComparedMembership {
  readonly change: 'add' | 'remove' | 'nothing';
  readonly cause: MembershipCause | undefined;
  /** The plan deletes the group, and the member keeps access. */
  readonly endsWithGroup: boolean;
}

const unchanged: ComparedMembership = { change: 'nothing', cause: undefined, endsWithGroup: false };

/** The planned states of a group and of its member; the member undefined: no state of it changes the membership. */
interface Ends {
  readonly group: PlannedState;
  readonly member: PlannedState | undefined;
}

/** The members of a group that is not sent need not be evaluated. */
const needsMember = ({ action, presence }: PlannedState): boolean => action === 'delete' || !keepsMemberships(presence);

/** Without waiting: a first load compares millions of memberships. */
function cachedEnds({ plannedStates }: PlanContext, membership: MembershipCandidate): Ends | undefined {
  const group = plannedStates.cached('Group', membership.group);
  if (group === undefined) return undefined;
  if (!needsMember(group)) return { group, member: undefined };
  const member = plannedStates.cached(membership.memberType, membership.member);
  return member === undefined ? undefined : { group, member };
}

async function loadEnds({ plannedStates }: PlanContext, membership: MembershipCandidate): Promise<Ends> {
  const group = await plannedStates.of('Group', membership.group);
  if (!needsMember(group)) return { group, member: undefined };
  return { group, member: await plannedStates.of(membership.memberType, membership.member) };
}

function compare(context: PlanContext, membership: MembershipCandidate, { group, member }: Ends): ComparedMembership {
  if (member === undefined || (!membership.isDesired && !membership.isKnown && !membership.isInDoubt)) return unchanged;
  // A user without an account cannot be a member, so the membership is not in doubt.
  const isInDoubt = membership.isInDoubt && member.isKnown;
  const change = diffMembership({
    group: group.presence,
    member: member.presenceWithoutFreeze ?? member.presence,
    isDesired: membership.isDesired,
    isKnown: membership.isKnown,
    isInDoubt,
    groupIsDeleted: group.action === 'delete',
    isRemovedByTarget: member.action === 'delete' && context.profile.protocol.deletionEndsMemberships,
  });
  if (change !== 'nothing' && member.presenceWithoutFreeze !== undefined) {
    const { memberType: resourceType, member: key } = membership;
    context.frozen.addMembership({ key: membership.group, name: group.name }, { resourceType, key }, change);
    return unchanged;
  }
  return {
    change,
    cause: change === 'nothing' ? undefined : membershipCause(change, group, member),
    endsWithGroup: group.action === 'delete' && membership.isKnown && member.presence !== 'absent',
  };
}

const isPostponed = (
  { postponedTries }: PlanContext,
  { group, member }: MembershipCandidate,
  change: 'add' | 'remove',
): Promise<boolean> | false => postponedTries.mayPostpone && postponedTries.isMemberPostponed(group, member, change);

function collect(
  context: PlanContext,
  pending: PendingGroup,
  membership: MembershipCandidate,
  ends: Ends,
  { change, cause }: Pick<ComparedMembership, 'change' | 'cause'>,
): void {
  const member: ChangedMember = {
    resourceType: membership.memberType,
    key: membership.member,
    ...(cause === undefined ? {} : { cause }),
  };
  if (change !== 'add') {
    pending.remove.push(member);
    if (membership.isKnown) pending.room += 1;
    return;
  }
  const areKnown = ends.group.isKnown && ends.member?.isKnown === true;
  const addition = { member, isWaitingForCreate: !areKnown };
  if (membership.isKnown || pending.room > 0) {
    if (!membership.isKnown) pending.room -= 1;
    enqueueAddition(pending, addition);
  } else if (pending.waitingForRoom.length < (context.profile.limits.membersPerGroup ?? 0))
    pending.waitingForRoom.push(addition);
  else pending.overLimit += 1;
}

function enqueueAddition(
  { ready, waitingForCreate }: PendingGroup,
  { member, isWaitingForCreate }: PendingAddition,
): void {
  (isWaitingForCreate ? waitingForCreate : ready).push(member);
}
