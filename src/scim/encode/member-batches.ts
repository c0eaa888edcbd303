import type { Member } from '../../model/operation.ts';
import { updateMethodOf, type Profile } from '../../model/profile.ts';
import type { Discovery } from '../read/discovery.ts';

/** One membership to begin or to end. */
export interface MembershipChange {
  readonly member: Member;
  readonly isRemoval: boolean;
}

/** How many memberships one request may change. */
export interface BatchLimits {
  readonly additions: number;
  readonly removals: number;
  /** Room for additions in a request that ends so many memberships. */
  additionsBeside(removals: number): number;
}

/** A group that is written whole is written for so many changes at once: each writes all of it. */
const maxChangesPerPut = 10_000;

const putLimits: BatchLimits = {
  additions: maxChangesPerPut,
  removals: maxChangesPerPut,
  additionsBeside: (removals) => maxChangesPerPut - removals,
};

/** How many memberships are planned for one operation. Where it shows only later whether a group is written whole, so many as for that. */
export function plannedLimits(
  profile: Pick<Profile, 'protocol' | 'limits'>,
  discovery: Pick<Discovery, 'patch'> | undefined,
): BatchLimits {
  const { protocol, limits } = profile;
  const method = updateMethodOf(protocol, 'Group');
  const mayUsePut =
    method === 'auto' ? discovery?.patch === false || limits.maxPatchableGroupSize !== null : method !== 'patch';
  return mayUsePut ? putLimits : patchLimits(profile);
}

/** What a profile allows in one PATCH. By filter, each removal is an operation of it; all additions are one. */
export function patchLimits({ protocol, limits }: Pick<Profile, 'protocol' | 'limits'>): BatchLimits {
  const { membersPerRequest: maxPerRequest, removalsPerRequest, addAndRemoveTogether, operationsPerPatch } = limits;
  const operations =
    protocol.removeMembers === 'filter' ? (operationsPerPatch ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const mayMix = addAndRemoveTogether && (operationsPerPatch ?? 2) > 1;
  return {
    additions: maxPerRequest,
    removals: Math.min(removalsPerRequest ?? maxPerRequest, operations),
    additionsBeside: (removals) => (mayMix && removals < operations ? Math.max(0, maxPerRequest - removals) : 0),
  };
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
