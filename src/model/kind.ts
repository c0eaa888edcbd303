/** The two SCIM resource types that are synchronised (RFC 7643 section 4), spelled as `meta.resourceType` spells them. */
export type Kind = 'User' | 'Group';

export const kinds: readonly Kind[] = ['User', 'Group'];
