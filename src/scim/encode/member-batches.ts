import type { Member } from '../../model/operation.ts';
import type { BatchLimits } from '../../model/profile.ts';

/** One membership to add or to remove. */
export interface MembershipChange {
  readonly member: Member;
  readonly isRemoval: boolean;
}

/** The limits that depend on the target's responses and on bytes. */
export interface SizeLimits {
  /** Maximum number of memberships in one request, learned from responses. */
  readonly maxChanges: number;
  readonly maxBytes: number;
  bytesOf(change: MembershipChange): number;
}

/**
 * Cuts membership changes, removals first, into batches within the limits of count and bytes. A change that is too
 * large alone forms its own batch.
 */
export function toBatches(
  changes: readonly MembershipChange[],
  limits: BatchLimits,
  { maxChanges, maxBytes, bytesOf }: SizeLimits,
): readonly (readonly MembershipChange[])[] {
  const batches: MembershipChange[][] = [];
  let batch: MembershipChange[] = [];
  let removals = 0;
  let batchBytes = 0;
  for (const change of changes) {
    const additions = batch.length - removals;
    const hasRoom = change.isRemoval
      ? additions === 0 && removals < limits.removals
      : additions < (removals === 0 ? limits.additions : limits.additionsBeside(removals));
    const changeBytes = bytesOf(change);
    if (batch.length > 0 && (!hasRoom || batch.length >= maxChanges || batchBytes + changeBytes > maxBytes)) {
      batches.push(batch);
      batch = [];
      removals = batchBytes = 0;
    }
    batch.push(change);
    batchBytes += changeBytes;
    if (change.isRemoval) removals += 1;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}
