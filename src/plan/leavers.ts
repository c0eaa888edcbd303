import type { Instant } from '../model/ids.ts';
import type { LeaverAction, LeaverPolicy } from '../model/leaver-policy.ts';
import type { Protocol } from '../model/profile.ts';
import type { LeaverReason, KnownState } from '../model/resource.ts';
import { dayMs } from '../model/time.ts';

/**
 * What is to be done with the account of a person who should no longer have access.
 *
 *     rule         account active   account inactive
 *     deactivate   deactivate       nothing, and delete once deleteAfterDays have passed
 *     delete       delete           delete
 *     keep         nothing          nothing
 */
export function leaverOperation(
  reason: LeaverReason,
  known: Pick<KnownState, 'active' | 'inactiveSince' | 'inDoubt'>,
  policy: LeaverPolicy,
  now: Instant,
): 'deactivate' | 'delete' | 'nothing' {
  const action = leaverAction(reason, policy);
  if (action === 'keep') return 'nothing';
  if (action === 'delete') return 'delete';
  if (known.active || known.inDoubt?.includes('active') === true) return 'deactivate';
  return policy.deleteAfterDays !== undefined && (known.inactiveSince ?? now) <= now - policy.deleteAfterDays * dayMs
    ? 'delete'
    : 'nothing';
}

/** What an operator's rules come to at an application that cannot delete anybody. */
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

export function leaverAction(reason: LeaverReason, policy: LeaverPolicy): LeaverAction {
  return reason === 'outOfScope' ? (policy.outOfScope ?? policy.action) : policy.action;
}

/** In words, for plans and the journal. */
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
