import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';

/** The result of a listing, so that existing accounts are adopted without one lookup request each. */
export interface ListingCache {
  clear(resourceType: ResourceType): Promise<void>;
  add(resourceType: ResourceType, resources: readonly RemoteResource[]): Promise<void>;
  /** Returns at most two resources: with two, the match is already ambiguous. */
  find(resourceType: ResourceType, attribute: string, value: string): readonly RemoteResource[];
  /** Whether an account with this id is listed. */
  has(resourceType: ResourceType, id: RemoteId): boolean;
  /** Accounts of the snapshot whose id is not listed, by page. Accounts that are proven missing are left out. */
  unlisted(
    resourceType: ResourceType,
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly KnownState[]; readonly next: number | undefined }>;
}
