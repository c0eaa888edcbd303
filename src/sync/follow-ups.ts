import { sourceKey, type RemoteId } from '../model/ids.ts';
import type { Member, Operation } from '../model/operation.ts';
import { remoteIdAfter, type Outcome, type SnapshotChange } from '../model/outcome.ts';
import { managerPath } from '../model/path.ts';
import type { KnownState } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Requeue } from '../model/requeue.ts';
import { membersWait } from './execution/adopted-names.ts';
import type { Settlement } from './settle.ts';

/** State before the response. */
export interface Before {
  /** The account's id before the response, also of a missing one; undefined: no account was known. */
  readonly remoteId: RemoteId | undefined;
  /** The account was proven missing earlier. */
  readonly isMissing: boolean;
  /**
   * A target that refuses a user also drops the user from its groups. Memberships are sent again once the user is
   * accepted.
   */
  readonly dropsRefusedMembers: boolean;
}

/**
 * The records and memberships that are compared again after a response.
 *
 *     any       a reference is    the account that it names, which may not exist any more
 *               refused
 *     members   acknowledged      the memberships are settled
 *               others are lost   all members of the group
 *               group is missing  the group
 *               group has moved   the group and its members
 *     record    always            the record, as the settlement asks
 *               user is new       users whose pending manager this is
 *               user adopted      memberships that were sent for the user without an answer; with another name,
 *                                 additions that the round has not sent
 *               id changed        users that have this manager; the user's memberships
 *               group adopted     its members
 */
export function followUps(
  operation: Operation,
  outcome: Outcome,
  settlement: Settlement,
  before: Before,
): readonly Requeue[] {
  const accounts = refusedReferences(operation, outcome);
  const inDoubt: readonly Requeue[] = accounts.length === 0 ? [] : [{ kind: 'accountsInDoubt', accounts }];
  if (operation.action === 'members') {
    const lost: readonly Requeue[] =
      outcome.kind === 'done' && outcome.lostMembers === true ? [{ kind: 'membersOf', areInDoubt: true }] : [];
    return [...afterMembers(settlement.change), ...lost, ...inDoubt];
  }
  const additions: readonly Requeue[] = membersWait(operation, outcome, settlement.change)
    ? [{ kind: 'plannedAdditionsOf' }]
    : [];
  return [
    recordItself(outcome, settlement),
    ...dependents(operation.resourceType, settlement.change, before),
    ...additions,
    ...inDoubt,
  ];
}

/** The records and memberships that are compared in this pass after an account in doubt was read. */
export const followUpsOfReading = (known: KnownState, change: SnapshotChange): readonly Requeue[] => [
  { kind: 'record', at: 'thisPass', verifyFirst: 'unchanged' },
  ...dependents(known.resourceType, change, { ...accountBefore(known), dropsRefusedMembers: false }),
];

/** What the snapshot holds before the response. */
export const accountBefore = (known: KnownState | undefined): Pick<Before, 'remoteId' | 'isMissing'> => ({
  remoteId: known?.remoteId,
  isMissing: known?.missingSince !== undefined,
});

const dependents = (resourceType: ResourceType, change: SnapshotChange, before: Before): readonly Requeue[] =>
  resourceType === 'User' ? afterUser(change, before) : afterGroup(change);

/**
 * The accounts whose ids the target refused as a reference: members that were refused alone or do not exist, and a
 * manager that was refused while the other attributes were accepted, or that was the only attribute of the request.
 */
export function refusedReferences(operation: Operation, outcome: Outcome): readonly Member[] {
  if (outcome.kind !== 'done' && outcome.kind !== 'rejected') return [];
  if (operation.action === 'members') {
    const dangling = outcome.kind === 'done' ? (outcome.danglingMembers ?? []) : [];
    return [...(outcome.refusedMembers ?? []), ...dangling];
  }
  if (!('body' in operation)) return [];
  const edits = 'edits' in operation ? operation.edits.map(({ path }) => path) : [];
  const refused = outcome.kind === 'done' ? (outcome.refused ?? []) : edits.length === 1 ? edits : [];
  const manager = operation.body[managerPath];
  return refused.includes(managerPath) && typeof manager === 'string'
    ? [{ resourceType: 'User', key: sourceKey(manager) }]
    : [];
}

function afterMembers(change: SnapshotChange): readonly Requeue[] {
  if (change.kind === 'members') return [{ kind: 'membershipsSettled', members: [...change.added, ...change.removed] }];
  // The group has another id; its memberships are compared again.
  if (change.kind === 'adopt') return [{ kind: 'record', at: 'thisPass', verifyFirst: false }, { kind: 'membersOf' }];
  // The group has to be created again, and no change in the source will show it.
  return change.kind === 'missing' ? [{ kind: 'record', at: 'nextPass', verifyFirst: false }] : [];
}

function recordItself(outcome: Outcome, { followUp }: Settlement): Requeue {
  if (followUp === 'none') return { kind: 'recordSettled' };
  // An operation that was not sent shows nothing: a create that was in doubt before still is.
  const wasSent = outcome.kind !== 'unavailable' && outcome.kind !== 'skipped';
  return {
    kind: 'record',
    at: followUp === 'thisPass' ? 'thisPass' : 'nextPass',
    verifyFirst: followUp === 'verifyFirst' ? true : wasSent ? false : 'unchanged',
  };
}

function afterGroup(change: SnapshotChange): readonly Requeue[] {
  return change.kind === 'adopt' ? [{ kind: 'membersOf' }] : [];
}

function afterUser(change: SnapshotChange, { remoteId, isMissing, dropsRefusedMembers }: Before): readonly Requeue[] {
  const exists = change.kind === 'remember' || change.kind === 'adopt';
  const hasIdChanged = remoteId !== undefined && (exists || !isMissing) && remoteIdAfter(change, remoteId) !== remoteId;
  const requeues: Requeue[] = [];
  if (hasIdChanged) requeues.push({ kind: 'referrersOf', at: exists ? 'thisPass' : 'nextPass' });
  if (!exists) return requeues;
  if (remoteId === undefined || isMissing) requeues.push({ kind: 'pendingManagerOf' });
  if (change.kind === 'adopt') requeues.push({ kind: 'unansweredMembershipsOf' });
  if (hasIdChanged) requeues.push({ kind: 'membershipsOf', ifRefusedBefore: false });
  else if (dropsRefusedMembers) requeues.push({ kind: 'membershipsOf', ifRefusedBefore: true });
  return requeues;
}
