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
 *     shown by the answer, or read; a user with externalId   1: other accounts may carry the externalId
 *     shown by the answer, or read; otherwise                2, later
 *     shown, at an account whose last removal had no effect  1: its answers prove nothing
 *     proven missing                                         2, later: the answers may come from another server
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
  if (!isRemoval(operation) || known === undefined || !isRemoved(outcome)) return undefined;
  const remoteId = (outcome.kind === 'done' ? outcome.movedTo : undefined) ?? known.remoteId;
  const { unprovenRemovals = 0, mayHaveDuplicates = false } = known;
  const evidence = evidenceOf(outcome);
  const isSeen = evidence === 'read' || (evidence === 'shown' && unprovenRemovals === 0);
  const externalId = externalIdOf(operation, known);
  // The proof that an account is missing has searched by externalId already.
  const isLater = isSeen && (externalId === undefined || (outcome.kind === 'notFound' && !mayHaveDuplicates));
  return {
    remoteId,
    look: isLater ? 2 : 1,
    due: isLater ? instant(now + secondLookMs) : now,
    isSeen,
    externalId,
    mayHaveDuplicates,
    unprovenRemovals,
  };
}

/** A group that could not be deleted lost its members: there is no removal to read back. */
const isRemoved = (outcome: Outcome): outcome is Extract<Outcome, { kind: 'done' | 'notFound' }> =>
  outcome.kind === 'notFound' || (outcome.kind === 'done' && outcome.insteadOfDeletion?.kind !== 'emptied');

function externalIdOf({ resourceType }: Operation, { body: { externalId } }: KnownState): string | undefined {
  return resourceType === 'User' && typeof externalId === 'string' && externalId !== '' ? externalId : undefined;
}
