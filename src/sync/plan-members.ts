import type { SourceKey } from '../model/ids.ts';
import type { Member, MembersOperation } from '../model/operation.ts';
import { diffMembership } from '../plan/members.ts';
import { phaseOf } from '../plan/phases.ts';
import type { Discovery } from '../scim/discovery.ts';
import { plannedLimits, type ParcelLimits } from '../scim/parcels.ts';
import type { EdgeCandidate, Extent, PlannedOperation } from '../store/store.ts';
import type { Planning } from './planning.ts';

const pageSize = 1000;

interface Change {
  readonly member: Member;
  /** The group or the person is only being created. */
  readonly isLate: boolean;
}

/** The changes of one group on their way into requests. */
interface Pending {
  readonly group: SourceKey;
  readonly name: string;
  remove: Member[];
  /** Both ends are there already, so that they may travel with removals. */
  early: Member[];
  /** The group or the person is only being created. */
  late: Member[];
  /** Room for members; less than none where it has too many. */
  room: number;
  /** Who may come in where others go. */
  readonly waiting: Change[];
  /** How many more there are. */
  beyond: number;
}

/**
 * Compares memberships, in the order of their groups, and records what must change in operations of one request each.
 *
 * @returns how many memberships end although neither the person nor the group goes
 */
export async function planMembers(planning: Planning, extent: Extent, moved: readonly SourceKey[]): Promise<number> {
  const { store } = planning;
  const most = planning.profile.allows.membersPerGroup;
  const limits = plannedLimits(planning.profile, (await store.state()).discovery as Discovery | undefined);
  await store.chooseEdges(extent, moved, most ?? undefined);
  let pending: Pending | undefined;
  let endings = 0;
  for (let after = 0; ;) {
    const { page, next } = await store.edges(after, pageSize);
    if (next === undefined) break;
    after = next;
    for (const edge of page) {
      if (pending?.group !== edge.group) {
        await finish(planning, limits, pending);
        pending = undefined;
      }
      const change = await compare(planning, edge);
      if (change === 'nothing') continue;
      pending ??= await open(planning, edge.group);
      if (change === 'end') endings += 1;
      await collect(planning, pending, edge, change);
      await planning.add(flush(limits, pending, false));
    }
    await planning.breathe();
  }
  await finish(planning, limits, pending);
  return endings;
}

async function open({ store, profile, fates }: Planning, group: SourceKey): Promise<Pending> {
  const most = profile.allows.membersPerGroup;
  const room = most === null ? Number.POSITIVE_INFINITY : most - store.countMembers(group);
  return {
    group,
    name: (await fates.of('Group', group)).name,
    remove: [],
    early: [],
    late: [],
    room,
    waiting: [],
    beyond: 0,
  };
}

/** The end of a group: who found no room takes the places that have become free; the others are left out. */
async function finish(planning: Planning, limits: ParcelLimits, pending: Pending | undefined): Promise<void> {
  if (pending === undefined) return;
  const { waiting, group, name } = pending;
  for (const change of waiting.splice(0, Math.max(0, pending.room))) place(pending, change);
  await planning.add(flush(limits, pending, true));
  const left = waiting.length + pending.beyond;
  const members = left === 1 ? '1 member is' : `${left} members are`;
  if (left > 0)
    planning.note(
      { kind: 'Group', key: group, name },
      `${members} left out: a group may have at most ${planning.profile.allows.membersPerGroup} at this target`,
      true,
    );
}

/** `end`: a removal that is a decision of its own; `remove`: the consequence of a departure. */
async function compare(planning: Planning, edge: EdgeCandidate): Promise<'add' | 'remove' | 'end' | 'nothing'> {
  if (!edge.wanted && !edge.known && !edge.doubtful) return 'nothing';
  const group = await planning.fates.of('Group', edge.group);
  const member = await planning.fates.of(edge.memberKind, edge.member);
  // Somebody without an account is nobody's member, whatever was sent once.
  const doubtful = edge.doubtful && member.known;
  const change = diffMembership({
    group: group.standing,
    member: member.standing,
    wanted: edge.wanted,
    known: edge.known,
    doubtful,
    groupGoes: group.action === 'delete',
    endsByItself: member.action === 'delete' && planning.profile.speaks.deletionEndsMemberships,
  });
  return change === 'remove' && member.standing !== 'absent' ? 'end' : change;
}

async function collect(
  planning: Planning,
  pending: Pending,
  edge: EdgeCandidate,
  change: 'add' | 'remove' | 'end',
): Promise<void> {
  const member: Member = { kind: edge.memberKind, key: edge.member };
  if (change !== 'add') {
    pending.remove.push(member);
    if (edge.known) pending.room += 1;
    return;
  }
  const known =
    (await planning.fates.of('Group', edge.group)).known &&
    (await planning.fates.of(edge.memberKind, edge.member)).known;
  const coming = { member, isLate: !known };
  if (edge.known || pending.room > 0) {
    if (!edge.known) pending.room -= 1;
    place(pending, coming);
  } else if (pending.waiting.length < (planning.profile.allows.membersPerGroup ?? 0)) pending.waiting.push(coming);
  else pending.beyond += 1;
}

function place({ early, late }: Pending, { member, isLate }: Change): void {
  (isLate ? late : early).push(member);
}

/** Full requests leave at once, so that a group of any size is never held; at the end of a group the rest shares its last requests. */
function flush(
  { additions, removals, beside }: ParcelLimits,
  pending: Pending | undefined,
  atEnd: boolean,
): readonly PlannedOperation[] {
  if (pending === undefined) return [];
  const result: PlannedOperation[] = [];
  const say = (remove: readonly Member[], add: readonly Member[]): void => {
    result.push(placed(pending, remove, add));
  };
  while (pending.remove.length >= removals) say(pending.remove.splice(0, removals), []);
  while (pending.early.length >= additions) say([], pending.early.splice(0, additions));
  while (pending.late.length >= additions) say([], pending.late.splice(0, additions));
  if (!atEnd) return result;
  if (pending.remove.length > 0) {
    const remove = pending.remove.splice(0);
    say(remove, pending.early.splice(0, beside(remove.length)));
  }
  const rest = [...pending.early.splice(0), ...pending.late.splice(0)];
  while (rest.length > 0) say([], rest.splice(0, additions));
  return result;
}

function placed({ group, name }: Pending, remove: readonly Member[], add: readonly Member[]): PlannedOperation {
  const operation: MembersOperation = {
    action: 'members',
    kind: 'Group',
    key: group,
    name,
    reason: 'memberships changed',
    add,
    remove,
  };
  return { operation, phase: phaseOf(operation), wave: 0, renames: false };
}
