import type { RemoteResource } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { ListingCache } from '../../store/store.ts';

/** A listed resource that has one of the values by which the profile matches. */
export interface ListedMatch {
  readonly resource: RemoteResource;
  /** The attribute by which it was found, and its value. */
  readonly by: string;
  readonly value: string;
  /** Another listed resource has the same value. */
  readonly isAmbiguous: boolean;
}

/** Finds a resource in the listing by the profile's match attributes, in their order. */
export function findInListing(
  listing: Pick<ListingCache, 'find'>,
  { matchUsers, matchGroups }: Pick<Protocol, 'matchUsers' | 'matchGroups'>,
  resourceType: ResourceType,
  body: FlatResource,
): ListedMatch | undefined {
  for (const by of resourceType === 'User' ? matchUsers : matchGroups) {
    const value = body[by];
    if (typeof value !== 'string') continue;
    const [resource, other] = listing.find(resourceType, by, value);
    if (resource !== undefined) return { resource, by, value, isAmbiguous: other !== undefined };
  }
  return undefined;
}
