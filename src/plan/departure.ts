import type { Instant } from '../model/ids.ts';
import type { LeaverAction, LeaverRules } from '../model/leavers.ts';
import type { Speaks } from '../model/profile.ts';
import type { Departure, Known } from '../model/resource.ts';
import { day } from '../model/time.ts';

/**
 * What is to be done with the account of a person who should no longer have access.
 *
 *     rule         account active   account inactive
 *     deactivate   deactivate       nothing, and delete once deleteAfterDays have passed
 *     delete       delete           delete
 *     keep         nothing          nothing
 */
export function departure(
  because: Departure,
  known: Pick<Known, 'active' | 'inactiveSince' | 'doubtful'>,
  rules: LeaverRules,
  now: Instant,
): 'deactivate' | 'delete' | 'nothing' {
  const action = leaverAction(because, rules);
  if (action === 'keep') return 'nothing';
  if (action === 'delete') return 'delete';
  if (known.active || known.doubtful?.includes('active') === true) return 'deactivate';
  return rules.deleteAfterDays !== undefined && (known.inactiveSince ?? now) <= now - rules.deleteAfterDays * day
    ? 'delete'
    : 'nothing';
}

/** What an operator's rules come to at an application that cannot delete anybody. */
export function leaversAt(rules: LeaverRules, deletion: Speaks['deletion']): LeaverRules {
  if (deletion !== 'never') return rules;
  const closed = (action: LeaverAction): LeaverAction => (action === 'delete' ? 'deactivate' : action);
  return {
    ...rules,
    action: closed(rules.action),
    outOfScope: rules.outOfScope === undefined ? undefined : closed(rules.outOfScope),
    deleteAfterDays: undefined,
  };
}

export function leaverAction(because: Departure, rules: LeaverRules): LeaverAction {
  return because === 'outOfScope' ? (rules.outOfScope ?? rules.action) : rules.action;
}

/** In words, for plans and the journal. */
export function departureReason(because: Departure): string {
  switch (because) {
    case 'left':
      return 'left the source';
    case 'inactive':
      return 'is inactive in the source';
    case 'outOfScope':
      return 'is out of scope';
  }
}
