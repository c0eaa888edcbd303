import type { Instant, RemoteId, SourceKey } from './ids.ts';
import type { ResourceType } from './resource-type.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * A SCIM resource, flat: canonical attribute path (RFC 7644 section 3.5.2) → value.
 *
 *     { "userName": "ada", "name.givenName": "Ada", "emails[type eq \"work\"].value": "ada@example.com", "active": true }
 *
 * Two resources are compared path by path, and only the paths that a mapping manages are ever compared or written.
 * A reference (manager) holds the *source key* of the person it points to; it becomes the target's id when it is said.
 */
export type FlatResource = Readonly<Record<string, Json>>;

/** What a mapping wants for one record at one target. */
export type DesiredState =
  | { readonly kind: 'present'; readonly body: FlatResource }
  | { readonly kind: 'absent'; readonly reason: LeaverReason }
  /** The record cannot be turned into a resource that the target would take; whatever is there stays as it is. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** Why somebody should no longer have access. */
export type LeaverReason = 'left' | 'inactive' | 'outOfScope';

/** What a target last acknowledged for one record: one row of the snapshot. Only an answer moves it. */
export interface KnownState {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly remoteId: RemoteId;
  readonly body: FlatResource;
  /** False once the target acknowledged `active: false`. */
  readonly active: boolean;
  /** When it was deactivated; absent while it is active. */
  readonly inactiveSince?: Instant;
  /** `meta.version` or ETag of the last answer, where the target serves one (RFC 7644 section 3.14). */
  readonly version?: string;
  readonly origin: 'created' | 'adopted';
  /**
   * Paths of which it is not known what the target holds: a change of them was sent and never answered. They are said again
   * whatever the body remembers, because the source may have changed back in between.
   */
  readonly inDoubt?: readonly string[];
}
