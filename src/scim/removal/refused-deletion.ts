import type { LearnedFact } from '../../model/target/learned-fact.ts';
import type { Outcome } from '../../model/outcome.ts';
import { formatTime } from '../../model/time.ts';
import type { PerformOutcome } from '../operation-context.ts';

/** The outcome of a deletion that the target answered and did not carry out. */
export type RefusedDeletion = Extract<Outcome, { kind: 'rejected' | 'unavailable' }> & { readonly status: number };

/**
 * Statuses that do not refuse the deletion itself: the credentials (401), an unknown resource (404, 410), another
 * version (412, 428), and temporary failures, which the next pass tries again.
 */
const otherStatuses: readonly number[] = [401, 404, 408, 410, 412, 428, 429, 502, 503, 504];

/** For `insteadOfDeletion`: whether the target refused the method DELETE itself. */
export const refusedMethod = ({ status }: RefusedDeletion): { readonly isMethodRefused?: true } =>
  status === 405 || status === 501 ? { isMethodRefused: true } : {};

/**
 * Whether the target refuses to delete, so that the access must be ended in another way: 405 and 501 (no DELETE), 403
 * (not allowed), 400 and 409 (still in use), redirections, and 500, which some servers send for a user that other data
 * refer to. The same holds for 404 and 410 where a read shows the account.
 */
export function refusesDeletion(outcome: PerformOutcome): outcome is RefusedDeletion {
  if (outcome.kind !== 'rejected' && outcome.kind !== 'unavailable') return false;
  const { status } = outcome;
  if (outcome.kind === 'rejected' && outcome.isPresent === true) return true;
  return status !== undefined && status >= 300 && !otherStatuses.includes(status);
}

/** The refusal of a DELETE that is not sent, because the target refused the method before. */
export function knownRefusal({ status, learnedAt, confirmedAt }: LearnedFact): RefusedDeletion {
  const dates = `since ${formatTime(learnedAt)}, last at ${formatTime(confirmedAt)}`;
  return { kind: 'rejected', status: status ?? 405, detail: `DELETE is answered ${status ?? 405} here, ${dates}` };
}
