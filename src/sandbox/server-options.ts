import type { BulkMethod } from '../model/profile.ts';

/** Choices that RFC 7643 and RFC 7644 leave to the server, or that real applications make differently. */
export interface ServerOptions {
  /** Whether userName is unique. */
  readonly uniqueUserNames: boolean;
  /** Whether externalId is unique among users and among groups. */
  readonly uniqueExternalIds: boolean;
  /** Whether displayName of groups is unique. */
  readonly uniqueDisplayNames: boolean;
  /** Whether resources have versions: ETag, meta.version, If-Match, If-None-Match (RFC 7644 section 3.14). */
  readonly etags: boolean;
  /** Whether PUT, PATCH and DELETE without If-Match return 428 (RFC 6585 section 3). */
  readonly requireIfMatch: boolean;
  /** False: PATCH returns 501, and ServiceProviderConfig announces that. */
  readonly patch: boolean;
  /** Whether unknown attributes in a body are refused instead of ignored. An unknown PATCH path is always refused. */
  readonly strictSchema: boolean;
  /** Members whose id belongs to no resource: 400, ignored, or stored. */
  readonly unknownMembers: 'refuse' | 'drop' | 'keep';
  /** A PATCH that removes absent values: 400 noTarget, or no effect. */
  readonly missingOnRemove: 'refuse' | 'ignore';
  /** Whether deletion of a user or group removes its memberships. */
  readonly deletionEndsMemberships: boolean;
  /**
   * Response to PATCH of a group: 204, or 200 with the group and all its members. PATCH of a user returns 200 with the
   * user.
   */
  readonly groupPatchResponse: 'empty' | 'resource';
  /**
   * Paging by startIndex and count (RFC 7644 section 3.4.2.4), by cursor (RFC 9865), or none (`single`).
   * `unreliable`: a list without a filter is empty.
   */
  readonly listing: 'index' | 'cursor' | 'single' | 'unreliable';
  /** Limits of Bulk requests (RFC 7644 section 3.7); null: Bulk returns 501. */
  readonly bulk: BulkLimits | null;
  /** Page size without `count`. */
  readonly defaultPageSize: number;
  /** Largest page size. */
  readonly maxPageSize: number;
}

/** Limits of a Bulk request, RFC 7644 section 3.7. */
export interface BulkLimits {
  readonly maxOperations: number;
  /** In bytes. */
  readonly maxPayloadSize: number;
  /** Methods that are supported inside Bulk; an operation with another one is answered 501. */
  readonly methods: readonly BulkMethod[];
}

/** The options that a PATCH depends on. */
export type PatchOptions = Pick<ServerOptions, 'strictSchema' | 'missingOnRemove'>;

/** A server that follows RFC 7643 and RFC 7644. */
export const defaultServerOptions: ServerOptions = {
  uniqueUserNames: true,
  uniqueExternalIds: true,
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
