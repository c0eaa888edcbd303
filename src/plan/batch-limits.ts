import { patchLimits, updateMethodOf, type BatchLimits, type Profile } from '../model/profile.ts';

/** What planning needs of a target's ServiceProviderConfig (RFC 7643 section 5). */
export interface DiscoveredPatch {
  /** Whether the target supports PATCH; undefined: it does not state it. */
  readonly patch?: boolean;
}

/** Most membership changes of a group in one PUT. Each PUT sends all members, so few large requests are cheaper. */
const maxChangesPerPut = 10_000;

const putLimits: BatchLimits = {
  additions: maxChangesPerPut,
  removals: maxChangesPerPut,
  additionsBeside: (removals) => maxChangesPerPut - removals,
};

/**
 * How many membership changes one planned operation may contain. If only execution can decide between PATCH and PUT,
 * the limits of PUT apply; scim/ splits the operation again when it uses PATCH.
 *
 * @param discovery undefined: the target was not discovered yet
 */
export function plannedLimits(
  profile: Pick<Profile, 'protocol' | 'limits'>,
  discovery: DiscoveredPatch | undefined,
): BatchLimits {
  const { protocol, limits } = profile;
  const method = updateMethodOf(protocol, 'Group');
  const mayUsePut =
    method === 'auto' ? discovery?.patch === false || limits.maxPatchableGroupSize !== null : method !== 'patch';
  return mayUsePut ? putLimits : patchLimits(profile);
}
