import type { Member } from '../model/operation.ts';
import { updateForm, type Profile } from '../model/profile.ts';
import type { Discovery } from './discovery.ts';

/** One membership to begin or to end. */
export interface Membership {
  readonly member: Member;
  readonly isRemoval: boolean;
}

/** How many memberships one request may change. */
export interface ParcelLimits {
  readonly additions: number;
  readonly removals: number;
  /** Room for additions in a request that ends so many memberships. */
  beside(removals: number): number;
}

/** A group that is written whole is written for so many changes at once: each writes all of it. */
const mostInWhole = 10_000;

const whole: ParcelLimits = {
  additions: mostInWhole,
  removals: mostInWhole,
  beside: (removals) => mostInWhole - removals,
};

/** How many memberships are planned for one operation. Where it shows only later whether a group is written whole, so many as for that. */
export function plannedLimits(
  profile: Pick<Profile, 'speaks' | 'allows'>,
  discovery: Pick<Discovery, 'patch'> | undefined,
): ParcelLimits {
  const { speaks, allows } = profile;
  const form = updateForm(speaks, 'Group');
  const mayBeWhole =
    form === 'auto' ? discovery?.patch === false || allows.patchedGroupMembers !== null : form !== 'patch';
  return mayBeWhole ? whole : parcelLimits(profile);
}

/** What a profile allows in one PATCH. By filter, each removal is an operation of it; all additions are one. */
export function parcelLimits({ speaks, allows }: Pick<Profile, 'speaks' | 'allows'>): ParcelLimits {
  const { membersPerRequest: most, removalsPerRequest, mixesMembers, operationsPerPatch } = allows;
  const operations =
    speaks.removeMembers === 'filter' ? (operationsPerPatch ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const mayMix = mixesMembers && (operationsPerPatch ?? 2) > 1;
  return {
    additions: most,
    removals: Math.min(removalsPerRequest ?? most, operations),
    beside: (removals) => (mayMix && removals < operations ? Math.max(0, most - removals) : 0),
  };
}

export interface Sizes {
  /** Most memberships in one request, as answers have taught. */
  readonly most: number;
  readonly bytes: number;
  bytesOf(change: Membership): number;
}

/** Cuts memberships, removals first, into parts that one request may hold by count and by bytes. One that is too large alone is a part of its own. */
export function parcels(
  changes: readonly Membership[],
  limits: ParcelLimits,
  { most, bytes, bytesOf }: Sizes,
): readonly (readonly Membership[])[] {
  const result: Membership[][] = [];
  let part: Membership[] = [];
  let removals = 0;
  let size = 0;
  for (const change of changes) {
    const additions = part.length - removals;
    const room = change.isRemoval
      ? additions === 0 && removals < limits.removals
      : additions < (removals === 0 ? limits.additions : limits.beside(removals));
    const own = bytesOf(change);
    if (part.length > 0 && (!room || part.length >= most || size + own > bytes)) {
      result.push(part);
      part = [];
      removals = size = 0;
    }
    part.push(change);
    size += own;
    if (change.isRemoval) removals += 1;
  }
  return part.length === 0 ? result : [...result, part];
}
