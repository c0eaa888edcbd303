/** The two SCIM resource types that are synchronised (RFC 7643 section 4), spelled as `meta.resourceType` spells them. */
export type Kind = 'User' | 'Group';

/** Where the name stands that tells resources of a kind apart. */
export const namePath = (kind: Kind): 'userName' | 'displayName' => (kind === 'User' ? 'userName' : 'displayName');

export const kinds: readonly Kind[] = ['User', 'Group'];
