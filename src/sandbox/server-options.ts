/** How this application behaves where RFC 7643 and RFC 7644 leave a choice, or where real applications differ. */
export interface ServerOptions {
  /** Whether two users may not have the same userName. */
  readonly uniqueUserNames: boolean;
  /** Whether two groups may not have the same displayName. */
  readonly uniqueDisplayNames: boolean;
  /** Whether resources have versions: ETag, meta.version, If-Match, If-None-Match (RFC 7644 section 3.14). */
  readonly etags: boolean;
  /** Whether PUT, PATCH and DELETE without If-Match are answered 428 (RFC 6585 section 3). */
  readonly requireIfMatch: boolean;
  /** False: PATCH is answered 501, and ServiceProviderConfig says so. */
  readonly patch: boolean;
  /** Whether unknown attributes in a body are refused instead of ignored. A PATCH path must always be known. */
  readonly strictSchema: boolean;
  /** Members that are neither a user nor a group here: 400, left out, or kept. */
  readonly unknownMembers: 'refuse' | 'drop' | 'keep';
  /** A PATCH that removes values which are not there: 400 noTarget, or nothing to do. */
  readonly missingOnRemove: 'refuse' | 'ignore';
  /** Whether deleting a user or group removes it from the groups that had it as a member. */
  readonly deletionEndsMemberships: boolean;
  /** PATCH of a group: 204, or 200 with the group and all its members. PATCH of a user is answered 200 with the user. */
  readonly groupPatchResponse: 'empty' | 'resource';
  /** How lists are paged: by startIndex and count (RFC 7644 section 3.4.2.4), by cursor (RFC 9865), not at all (`single`); `unreliable`: a list without a filter is empty. */
  readonly listing: 'index' | 'cursor' | 'single' | 'unreliable';
  /** Sizes of Bulk requests (RFC 7644 section 3.7); null: they are answered 501. */
  readonly bulk: BulkLimits | null;
  /** Resources on a page where the client sends no `count`, and at most. */
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
}

export interface BulkLimits {
  readonly maxOperations: number;
  /** In bytes. */
  readonly maxPayloadSize: number;
}

/** The rules that a PATCH depends on. */
export type PatchOptions = Pick<ServerOptions, 'strictSchema' | 'missingOnRemove'>;

export const defaultServerOptions: ServerOptions = {
  uniqueUserNames: true,
  uniqueDisplayNames: true,
  etags: true,
  requireIfMatch: false,
  patch: true,
  strictSchema: false,
  unknownMembers: 'refuse',
  missingOnRemove: 'refuse',
  deletionEndsMemberships: true,
  groupPatchResponse: 'empty',
  listing: 'index',
  bulk: null,
  defaultPageSize: 100,
  maxPageSize: 200,
};
