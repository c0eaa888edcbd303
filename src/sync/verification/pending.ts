import { instant, type Instant } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import { evidenceOf, type Outcome } from '../../model/outcome.ts';
import type { KnownState } from '../../model/resource.ts';
import type { PendingVerification, VerificationLimits } from '../../model/evidence.ts';

/**
 * What is to be read back after an acknowledged operation: each removal.
 *
 *     evidence of the removal                                next look
 *     answered                                               1, in this pass
 *     shown by the answer                                    2, later
 *     shown, at an account whose last removal had no effect  1: its answers prove nothing
 *     read, or proven missing                                2, later: the answers may come from another server
 *
 * @returns undefined where nothing is
 */
export function verificationOf(
  operation: Operation,
  outcome: Outcome,
  known: KnownState | undefined,
  { secondLookMs }: VerificationLimits,
  now: Instant,
): PendingVerification | undefined {
  if (!isRemoval(operation) || known === undefined) return undefined;
  if (outcome.kind !== 'done' && outcome.kind !== 'notFound') return undefined;
  // A group that could not be deleted lost its members; there is no removal to read back.
  if (outcome.kind === 'done' && outcome.insteadOfDeletion?.kind === 'emptied') return undefined;
  const remoteId = (outcome.kind === 'done' ? outcome.movedTo : undefined) ?? known.remoteId;
  const { unprovenRemovals = 0 } = known;
  const evidence = evidenceOf(outcome);
  const isSeen = evidence === 'read' || (evidence === 'shown' && unprovenRemovals === 0);
  return { remoteId, look: isSeen ? 2 : 1, due: isSeen ? instant(now + secondLookMs) : now, unprovenRemovals };
}
