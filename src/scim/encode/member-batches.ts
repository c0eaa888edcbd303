import type { Member } from '../../model/operation.ts';
import type { BatchLimits } from '../../model/profile.ts';

/** One membership to begin or to end. */
export interface MembershipChange {
  readonly member: Member;
  readonly isRemoval: boolean;
}

export interface SizeLimits {
  /** Most memberships in one request, as answers have taught. */
  readonly maxChanges: number;
  readonly maxBytes: number;
  bytesOf(change: MembershipChange): number;
}

/** Cuts memberships, removals first, into parts that one request may hold by count and by bytes. One that is too large alone is a part of its own. */
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
