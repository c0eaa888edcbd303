import type { LearnedFact } from '../../model/target/learned-fact.ts';
import type { Outcome } from '../../model/outcome.ts';
import { formatTime } from '../../model/time.ts';
import type { PerformOutcome } from '../operation-context.ts';

/** The outcome of a deletion that the target answered and did not carry out. */
export type RefusedDeletion = Extract<Outcome, { kind: 'rejected' | 'unavailable' }> & { readonly status: number };

/**
 * Statuses that do not refuse the deletion itself: the credentials (401), an unknown resource (404, 410), another
 * version (412, 428), and the rate limit.
 */
const otherStatuses: readonly number[] = [401, 404, 410, 412, 428, 429];
/** Failures that may be temporary: the next pass tries the deletion again, and then ends the access in another way. */
const temporaryStatuses: readonly number[] = [408, 502, 503, 504];

/** For `insteadOfDeletion`: whether the target refused the method DELETE itself. */
export const refusedMethod = ({ status }: RefusedDeletion): { readonly isMethodRefused?: true } =>
  status === 405 || status === 501 ? { isMethodRefused: true } : {};

/**
 * Whether the target refuses to delete, so that the access must be ended in another way: 405 and 501 (no DELETE), 403
 * (not allowed), 400 and 409 (still in use), redirections, and 500, which some servers send for a user that other data
 * refer to. The same holds for 404 and 410 where a read shows the account, and for failures that may be temporary where
 * the deletion failed in an earlier pass as well.
 */
export function refusesDeletion(outcome: PerformOutcome, failedBefore = false): outcome is RefusedDeletion {
  if (outcome.kind !== 'rejected' && outcome.kind !== 'unavailable') return false;
  const { status } = outcome;
  if (outcome.kind === 'rejected' && outcome.isPresent === true) return true;
  if (status === undefined || status < 300 || otherStatuses.includes(status)) return false;
  return failedBefore || !temporaryStatuses.includes(status);
}

/** The refusal of a DELETE that is not sent, because the target refused the method before. */
export function knownRefusal({ status, learnedAt, confirmedAt }: LearnedFact): RefusedDeletion {
  const dates = `since ${formatTime(learnedAt)}, last at ${formatTime(confirmedAt)}`;
  return { kind: 'rejected', status: status ?? 405, detail: `DELETE is answered ${status ?? 405} here, ${dates}` };
}
