/** The two SCIM resource types that are synchronised (RFC 7643 section 4), spelled as `meta.resourceType` spells them. */
export type ResourceType = 'User' | 'Group';

/** Where the name stands that tells resources of a kind apart. */
export const uniqueNameAttribute = (resourceType: ResourceType): 'userName' | 'displayName' =>
  resourceType === 'User' ? 'userName' : 'displayName';

export const resourceTypes: readonly ResourceType[] = ['User', 'Group'];
