import type { Instant } from '../model/ids.ts';
import type { KnownState, LeaverAction, LeaverPolicy, LeaverReason } from '../model/resource.ts';
import type { Protocol } from '../model/profile.ts';
import { dayMs } from '../model/time.ts';

/**
 * The operation for the account of a user who should no longer have access.
 *
 *     rule         account active   account inactive
 *     deactivate   deactivate       nothing, and delete once deleteAfterDays have passed
 *     delete       delete           delete
 *     keep         nothing          nothing
 *
 * A target that refused to delete an inactive account is asked again after a day.
 */
export function leaverOperation(
  reason: LeaverReason,
  known: Pick<KnownState, 'active' | 'inactiveSince' | 'inDoubt' | 'deletionRefusedAt'>,
  policy: LeaverPolicy,
  now: Instant,
): 'deactivate' | 'delete' | 'nothing' {
  const action = leaverAction(reason, policy);
  if (action === 'keep') return 'nothing';
  const mayBeActive = known.active || known.inDoubt?.includes('active') === true;
  if (!mayBeActive && isDeletionRefused(known, now)) return 'nothing';
  if (action === 'delete') return 'delete';
  if (mayBeActive) return 'deactivate';
  return policy.deleteAfterDays !== undefined && (known.inactiveSince ?? now) <= now - policy.deleteAfterDays * dayMs
    ? 'delete'
    : 'nothing';
}

/** Whether the target refused to delete it less than a day ago. */
export const isDeletionRefused = (
  { deletionRefusedAt }: Pick<KnownState, 'deletionRefusedAt'>,
  now: Instant,
): boolean => deletionRefusedAt !== undefined && now - deletionRefusedAt < dayMs;

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
  }
}
