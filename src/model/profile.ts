/** How one kind of application speaks SCIM. Vendors' quirks are values of these words, never code. */
export interface Profile {
  readonly name: string;
  readonly holds: Holds;
  readonly speaks: Speaks;
  readonly allows: Allows;
}

/** What the application can keep. */
export interface Holds {
  readonly groups: boolean;
  /** SCIM paths that the application does not keep; a mapping to one of them is dropped with a note. */
  readonly drops: readonly string[];
  /** Paths whose letters' case it does not keep; compared without case. `userName` is caseExact=false in RFC 7643 section 4.1.1. */
  readonly foldsCase: readonly string[];
}

/** How it is said, and what the answers mean. */
export interface Speaks {
  /** `auto`: PATCH unless discovery says that PATCH is not supported. */
  readonly update: 'auto' | 'patch' | 'put';
  /** Whether `emails[type eq "work"].value` may stand as a PATCH path; if not, the whole attribute is replaced. */
  readonly valuePaths: boolean;
  /** Attributes by which an existing account is found, in this order. */
  readonly matchUsers: readonly string[];
  readonly matchGroups: readonly string[];
  /** `auto`: If-Match is sent once the target advertises ETags or answers 428. */
  readonly ifMatch: 'auto' | 'always' | 'never';
  /** Statuses of a create that mean "already there". */
  readonly conflictStatuses: readonly number[];
  /** Whether deleting a person also ends the memberships there, so that they need not be removed one by one. */
  readonly deletionEndsMemberships: boolean;
  readonly contentType: string;
}

/** Its pace and its sizes. */
export interface Allows {
  readonly requestsPerSecond: number;
  readonly concurrency: number;
  readonly membersPerRequest: number;
  readonly pageSize: number;
}
