import { addDays } from '../model/dates/zone.ts';
import type { Instant } from '../model/ids.ts';
import type { Operation } from '../model/operation.ts';
import type { KnownState, LeaverAction, LeaverPolicy, LeaverReason } from '../model/resource.ts';
import type { Protocol } from '../model/profile.ts';

/**
 * The operation for the account of a user who should no longer have access.
 *
 *     rule         account active   account inactive
 *     deactivate   deactivate       nothing, and delete once deleteAfterDays have passed
 *     delete       delete           delete
 *     keep         nothing          nothing
 *
 * Days are calendar days in the zone. A target that refused to delete an inactive account is asked again less and less
 * often (postponed-tries.ts).
 */
export function leaverOperation(
  reason: LeaverReason,
  known: Pick<KnownState, 'active' | 'inactiveSince' | 'inDoubt'>,
  policy: LeaverPolicy,
  now: Instant,
  zone = 'UTC',
): 'deactivate' | 'delete' | 'nothing' {
  const action = leaverAction(reason, policy);
  if (action === 'keep') return 'nothing';
  // The account is needed again on the start date.
  if (reason === 'notYet') return mayBeActive(known) ? 'deactivate' : 'nothing';
  if (action === 'delete') return 'delete';
  if (mayBeActive(known)) return 'deactivate';
  if (policy.deleteAfterDays === undefined) return 'nothing';
  return addDays(known.inactiveSince ?? now, policy.deleteAfterDays, zone) <= now ? 'delete' : 'nothing';
}

/** Whether the account is active, or a change of that got no response. */
export const mayBeActive = ({ active, inDoubt }: Pick<KnownState, 'active' | 'inDoubt'>): boolean =>
  active || inDoubt?.includes('active') === true;

/**
 * Whether the target refused this deletion before, and the access ended in another way: the account is inactive, or
 * the group has no members. A repeated try ends no access.
 */
export const isRepeatedDeletion = (
  { action, resourceType }: Pick<Operation, 'action' | 'resourceType'>,
  known: Pick<KnownState, 'active' | 'inDoubt' | 'deletionRefusedAt'> | undefined,
): boolean =>
  action === 'delete' && known?.deletionRefusedAt !== undefined && (resourceType === 'Group' || !mayBeActive(known));

/** The configured policy at an application that may not support deletion: there, leavers are deactivated instead. */
export function effectiveLeaverPolicy(policy: LeaverPolicy, deletion: Protocol['deletion']): LeaverPolicy {
  if (deletion !== 'never') return policy;
  const withoutDeletion = (action: LeaverAction): LeaverAction => (action === 'delete' ? 'deactivate' : action);
  return {
    ...policy,
    action: withoutDeletion(policy.action),
    outOfScope: policy.outOfScope === undefined ? undefined : withoutDeletion(policy.outOfScope),
    deleteAfterDays: undefined,
  };
}

/** The configured action for a leaver; users out of scope may have an action of their own. */
export function leaverAction(reason: LeaverReason, policy: LeaverPolicy): LeaverAction {
  return reason === 'outOfScope' ? (policy.outOfScope ?? policy.action) : policy.action;
}

/** The reason as text, for plans and the journal. */
export function describeLeaverReason(reason: LeaverReason): string {
  switch (reason) {
    case 'left':
      return 'left the source';
    case 'inactive':
      return 'is inactive in the source';
    case 'outOfScope':
      return 'is out of scope';
    case 'ended':
      return 'has reached the end date';
    case 'notYet':
      return 'has not reached the start date';
  }
}
