/** The two SCIM resource types that are synchronised (RFC 7643 section 4), as in `meta.resourceType`. */
export type ResourceType = 'User' | 'Group';

/** The attribute with the name that is unique within a resource type. */
export const uniqueNameAttribute = (resourceType: ResourceType): 'userName' | 'displayName' =>
  resourceType === 'User' ? 'userName' : 'displayName';

export const resourceTypes: readonly ResourceType[] = ['User', 'Group'];
