import { instant, type Instant, type SourceKey } from './ids.ts';
import type { Outcome } from './outcome.ts';
import type { ResourceType } from './resource-type.ts';
import { dayMs } from './time.ts';
import type { Member } from './operation.ts';

/**
 * Whether a record is compared again after a response: `none`, not at all; `nextPass`, in the next pass; `thisPass`,
 * once more in this pass; `verifyFirst`, in the next pass, with a look-up before the create is sent again.
 */
export type FollowUp = 'none' | 'nextPass' | 'thisPass' | 'verifyFirst';

/** What a response puts on a target's list of records and memberships to compare again, or takes off it. */
export type Requeue =
  /**
   * The record itself. `verifyFirst` states whether a create of it is in doubt; `unchanged`: what the list states
   * already.
   */
  | { readonly kind: 'record'; readonly at: 'thisPass' | 'nextPass'; readonly verifyFirst: boolean | 'unchanged' }
  /** The record comes off the list, unless another operation of it in this pass has not succeeded. */
  | { readonly kind: 'recordSettled' }
  /** The ids of these accounts were refused as a reference: the next pass reads them. */
  | { readonly kind: 'accountsInDoubt'; readonly accounts: readonly Member[] }
  /** These members of the group come off the list. */
  | { readonly kind: 'membershipsSettled'; readonly members: readonly Member[] }
  /** Users that are at the target without a manager, because this user was absent; in this pass. */
  | { readonly kind: 'pendingManagerOf' }
  /** Users whose manager this user is at the target. */
  | { readonly kind: 'referrersOf'; readonly at: 'thisPass' | 'nextPass' }
  /** All members that the group has or should have; in this pass. */
  | { readonly kind: 'membersOf'; readonly areInDoubt?: true }
  /**
   * The user's memberships at the target become in doubt; in this pass. `ifRefusedBefore`: only where its last
   * operation was refused; otherwise the user has another id, and recent removals may have named the old one.
   */
  | { readonly kind: 'membershipsOf'; readonly ifRefusedBefore: boolean }
  /**
   * Additions of this user that the round plans and has not sent: they leave the round, and are compared in the next
   * one.
   */
  | { readonly kind: 'plannedAdditionsOf' }
  /** Memberships that were sent for this user without a definite answer become in doubt; in this pass. */
  | { readonly kind: 'unansweredMembershipsOf' };

/** When a failing record is tried again: in the pass with this number, or at this time if it is earlier. */
export interface NextTry {
  readonly pass: number;
  readonly at: Instant;
}

/** The interval stops growing here; a day has passed long before. */
const maxExponent = 20;

/**
 * The next try after this number of failures in a row. The interval doubles: the next pass, then 2, 4, 8 … passes, and
 * never more than a day.
 */
export const nextTryAfter = (failures: number, pass: number, now: Instant): NextTry => ({
  pass: pass + 2 ** Math.min(maxExponent, Math.max(0, failures - 1)),
  at: instant(now + dayMs),
});

/** The number of failures in a row after an outcome. A target without DELETE is asked again only after a day. */
export const failuresAfter = (outcome: Outcome, failuresBefore: number): number =>
  outcome.kind === 'done' && outcome.insteadOfDeletion?.isMethodRefused === true ? maxExponent : failuresBefore + 1;

/**
 * Whether an outcome is a failure of the record itself, which will probably repeat. 401 and an unavailable target
 * concern every record; 500 is the answer of many applications to a certain record.
 */
export function isRecordFailure(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'rejected':
      return outcome.status !== 401;
    case 'done':
      return (outcome.refused ?? []).length > 0 || outcome.insteadOfDeletion !== undefined;
    case 'unavailable':
      return outcome.status === 500;
    case 'unknown':
      return outcome.status === 500 && outcome.lookAgain !== true;
    default:
      return false;
  }
}

/** A record, or a member of a group, that is not tried in this pass. */
export interface PostponedTry {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly member: SourceKey | undefined;
}

/** What the store knows about failing records. */
export interface PostponedTryStore {
  /** Those whose next try is later than this pass and this time, unless the source changed them after this reading. */
  postponed(pass: number, now: Instant, after: number): Promise<readonly PostponedTry[]>;
  /** The record or membership does not differ any more, so no try is left. */
  forgetRetry(resourceType: ResourceType, key: SourceKey, member?: SourceKey): Promise<void>;
}
