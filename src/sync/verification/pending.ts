import { instant, type Instant } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { KnownState } from '../../model/resource.ts';
import type { PendingVerification, VerificationLimits } from '../../model/evidence.ts';

/**
 * What is to be read back after an acknowledged operation: each removal. An answer that shows the account as inactive
 * takes the place of the first look. @returns undefined where nothing is
 */
export function verificationOf(
  operation: Operation,
  outcome: Outcome,
  known: KnownState | undefined,
  { secondLookMs }: VerificationLimits,
  now: Instant,
): PendingVerification | undefined {
  if (!isRemoval(operation) || outcome.kind !== 'done' || known === undefined) return undefined;
  // A group that could not be deleted lost its members; there is no removal to read back.
  if (outcome.insteadOfDeletion?.kind === 'emptied') return undefined;
  const remoteId = outcome.movedTo ?? known.remoteId;
  const isSeen = outcome.evidence === 'shown' || outcome.evidence === 'read';
  return { remoteId, look: isSeen ? 2 : 1, due: isSeen ? instant(now + secondLookMs) : now };
}
