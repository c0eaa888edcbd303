/** The two SCIM resource types that are synchronised (RFC 7643 section 4), as in `meta.resourceType`. */
export type ResourceType = 'User' | 'Group';

/** The required attribute with the unique name (RFC 7643 sections 4.1.1 and 4.2). */
export const uniqueNameAttribute = (resourceType: ResourceType): 'userName' | 'displayName' =>
  resourceType === 'User' ? 'userName' : 'displayName';

/** Both resource types; users come first. */
export const resourceTypes: readonly ResourceType[] = ['User', 'Group'];
