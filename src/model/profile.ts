import type { ResourceType } from './resource-type.ts';

/** How an application implements SCIM. Differences between vendors are values of these settings, never code. */
export interface Profile {
  readonly name: string;
  readonly supports: Supports;
  readonly protocol: Protocol;
  readonly limits: ProfileLimits;
  /**
   * Numbers of the misbehaviours that the application is known for; the sandbox imitates them and the settings above.
   */
  readonly misbehaviours: readonly number[];
}

/** Which groups, attributes and values the application stores. */
export interface Supports {
  readonly groups: boolean;
  /** Only the application creates groups: they are found by their match attribute, and only their members change. */
  readonly groupsReadOnly: boolean;
  /** The only SCIM paths of a user that it stores; mappings to others are omitted, with a note. */
  readonly onlyAttributes: 'all' | readonly string[];
  /** SCIM paths that it does not store; mappings to them are omitted, with a note. */
  readonly unsupportedAttributes: readonly string[];
  /** Paths that every user must have; a user without one is rejected before a request is sent. */
  readonly requiredAttributes: readonly string[];
  /** Paths whose case it does not preserve. `userName` is caseExact=false in RFC 7643 section 4.1.1. */
  readonly caseInsensitive: readonly string[];
  /** Paths whose spaces and punctuation it does not preserve (phone numbers): only letters and digits are compared. */
  readonly ignoresPunctuation: readonly string[];
  /** Constraints of values, by path. */
  readonly values: Readonly<Record<string, ValueConstraint>>;
  /** Constraints of lists, by multi-valued attribute. */
  readonly lists: Readonly<Record<string, ListConstraint>>;
  /** URN of the enterprise extension; null: not supported. */
  readonly enterpriseSchema: string | null;
  /** Paths of a user that only the create can set; a changed value is noted and not sent. */
  readonly immutableAttributes: readonly string[];
  /** Only the create can set the name of a group; a changed name is noted and not sent. */
  readonly groupNameImmutable: boolean;
}

/** Constraint of the values at one SCIM path. */
export interface ValueConstraint {
  /** In characters; a user with a longer value is rejected. */
  readonly maxLength?: number;
  /** Regular expression; a user with a matching value is rejected. */
  readonly rejectPattern?: string;
  /** Sent in lower case. */
  readonly lowerCase?: boolean;
}

/** Constraint of the elements of one multi-valued attribute. */
export interface ListConstraint {
  /** Other elements are omitted, never the primary one. */
  readonly maxItems?: number;
  /** Exactly one element must be `primary`; by default the first one is. */
  readonly primary?: boolean;
  /** Sub-attributes of an element; others are omitted. */
  readonly subAttributes?: readonly string[];
  /** Elements are plain values, such as `"admin"`, instead of objects such as `{"value": "admin"}`. */
  readonly plain?: boolean;
}

/** How a resource is updated. `getThenPut` reads it first, because a PUT removes omitted attributes. */
export type UpdateMethod = 'auto' | 'patch' | 'put' | 'getThenPut';

/** How resources of a type are updated. */
export const updateMethodOf = (
  { update, updateGroups }: Pick<Protocol, 'update' | 'updateGroups'>,
  resourceType: ResourceType,
): UpdateMethod => (resourceType === 'User' || updateGroups === 'same' ? update : updateGroups);

/** How requests are written, and what responses mean. */
export interface Protocol {
  /** Paths of the resources, relative to the base URL. */
  readonly endpoints: Endpoints;
  /** HTTP headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  /**
   * `off`: there is no ServiceProviderConfig, so it is not requested. The profile overrides discovery in both cases.
   */
  readonly discovery: 'hint' | 'off';

  /**
   * `auto`: PATCH unless discovery reports that it is not supported. `getThenPut`: the current resource is read,
   * changed and written, since PUT removes omitted attributes.
   */
  readonly update: UpdateMethod;
  /** The same for groups; `same`: like `update`. */
  readonly updateGroups: UpdateMethod | 'same';
  /** Case of `op`: `replace` (RFC 7644 section 3.5.2) or `Replace`. */
  readonly patchOps: 'lower' | 'title';
  /**
   * `always`: each operation has a path. `nested`: one operation without a path, whose value is an object as in a
   * resource. `dotted`: one operation without a path, whose value has paths as keys.
   */
  readonly patchPaths: 'always' | 'nested' | 'dotted';
  /** Whether `emails[type eq "work"].value` works as a PATCH path; if not, the whole attribute is replaced. */
  readonly valuePaths: boolean;
  /** true, "true" or "True". */
  readonly booleans: 'json' | 'text' | 'titleText';
  /** A manager as `{"value": id}` or as the id alone. */
  readonly manager: 'reference' | 'text';

  /**
   * `list`: path members, value [{value}]. `object`: path members, value {members: [{value}]}. `noPath`: no path, value
   * {members: [{value}]}. `replace`: `add` removes the other members here, so the group is read and all its members are
   * written by one `replace`, also to remove members.
   */
  readonly addMembers: 'list' | 'object' | 'noPath' | 'replace';
  /** `filter`: path members[value eq "x"], one operation per member. `list`: path members, value [{value}]. */
  readonly removeMembers: 'filter' | 'list';
  /** Sub-attributes of a member that are sent in addition to `value`. */
  readonly memberSubAttributes: readonly ('display' | 'type' | '$ref')[];
  /** Whether the members of a group are returned. If not, their absence proves nothing. */
  readonly returnsMembers: boolean;
  /** Query parameters required to get the members of a group: {"attributes": "members"}. */
  readonly groupReadQuery: Readonly<Record<string, string>>;

  /** Attributes by which an existing account is looked up, in this order. `emails.value`: any e-mail address. */
  readonly matchUsers: readonly string[];
  readonly matchGroups: readonly string[];
  /** Resource types of which it silently creates duplicates: each is looked up before its create. */
  readonly allowsDuplicates: readonly ResourceType[];
  /** `index`: startIndex and count. `cursor`: RFC 9865. `single`: one response. `unreliable`: lists are never used. */
  readonly listing: 'index' | 'cursor' | 'single' | 'unreliable';

  /** How an account is deactivated: by `active: false`, or by a DELETE that only deactivates. */
  readonly deactivation: 'active' | 'delete';
  /**
   * How an account is reactivated: by `active: true` in an ordinary update, by PUT, by a new POST, or only manually in
   * the application.
   */
  readonly reactivation: 'active' | 'put' | 'create' | 'never';
  /** How GET shows a deactivated user: unchanged, 404, or anonymised. */
  readonly inactiveUsers: 'readable' | 'notFound' | 'anonymised';
  /** How GET shows a user whose update was refused: unchanged, or 404 until an update succeeds. */
  readonly refusedUsers: 'readable' | 'notFound';
  /** Whether a deactivated account can be updated; if not, a separate request reactivates it first. */
  readonly inactiveUsersWritable: boolean;
  /** Effect of DELETE on a user; `never`: not supported, accounts are deactivated instead. */
  readonly deletion: 'deletes' | 'deactivates' | 'never';
  /** Whether a deleted user's data cannot be restored: a new account is another identity. */
  readonly deletionIsFinal: boolean;
  /** Whether the deletion of a user also removes the memberships. */
  readonly deletionEndsMemberships: boolean;

  /** HTTP statuses that report an existing account on a create. */
  readonly conflictStatuses: readonly number[];
  /**
   * Texts that distinguish a conflict from the usual meaning of such a status; empty: the status is sufficient.
   * Compared without case.
   */
  readonly conflictMessages: readonly string[];
  /** `auto`: If-Match is sent after the target returned an ETag or 428. */
  readonly ifMatch: 'auto' | 'always' | 'never';
  /** Whether writes are read back because a success response is not reliable: memberships, or all writes. */
  readonly verifyWrites: 'never' | 'members' | 'always';
  /** RFC 7644 section 3.7. `offered`: if discovery offers it, within its limits. */
  readonly bulk: 'never' | 'offered';
  /** Methods that work inside Bulk; a request with another method is sent by itself. */
  readonly bulkMethods: readonly BulkMethod[];
  /**
   * Seconds until reads and filters show a write (eventual consistency); 0: at once. Before that, an empty search and
   * an unchanged resource prove nothing.
   */
  readonly consistencyDelaySeconds: number;
}

/** The methods of RFC 7644 section 3.7. */
export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Paths of the resources, relative to the base URL. */
export interface Endpoints {
  readonly users: string;
  readonly groups: string;
  readonly discovery: string;
}

/** Rates and sizes. null: no limit. */
export interface ProfileLimits {
  readonly requestsPerSecond: number;
  readonly concurrency: number;
  /** Limits over longer periods, in addition to the above. */
  readonly quotas: readonly Quota[];
  /** Maximum number of memberships that one request changes; does not apply to a complete group in a PUT. */
  readonly membersPerRequest: number;
  /** Maximum number of memberships that one request removes; null: the same as for additions. */
  readonly removalsPerRequest: number | null;
  /** Whether one request may both add and remove members. */
  readonly addAndRemoveTogether: boolean;
  /** A larger group is never updated by PATCH, which would remove members. */
  readonly maxPatchableGroupSize: number | null;
  readonly membersPerGroup: number | null;
  readonly operationsPerPatch: number | null;
  /** Maximum size of a request body, in bytes. */
  readonly maxPayloadSize: number;
  readonly pageSize: number;
  /** Maximum number of operations in one Bulk request, even if discovery offers more. */
  readonly maxBulkOperations: number;
}

/** At most `requests` matching requests in any sliding period of `seconds`. */
export interface Quota {
  /** GET, POST, …; default: every method. */
  readonly methods?: readonly string[];
  readonly resourceType?: ResourceType;
  readonly requests: number;
  readonly seconds: number;
}

/** How many memberships one request may change. */
export interface BatchLimits {
  readonly additions: number;
  readonly removals: number;
  /** How many additions fit in a request that contains this number of removals. */
  additionsBeside(removals: number): number;
}

/**
 * Batch limits of one PATCH of a group. Removals by filter (`members[value eq "…"]`) are one PATCH operation each; all
 * additions are one PATCH operation (RFC 7644 section 3.5.2).
 */
export function patchLimits({ protocol, limits }: Pick<Profile, 'protocol' | 'limits'>): BatchLimits {
  const { membersPerRequest: maxPerRequest, removalsPerRequest, addAndRemoveTogether, operationsPerPatch } = limits;
  const operations =
    protocol.removeMembers === 'filter' ? (operationsPerPatch ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const mayMix = addAndRemoveTogether && (operationsPerPatch ?? 2) > 1;
  return {
    additions: maxPerRequest,
    removals: Math.min(removalsPerRequest ?? maxPerRequest, operations),
    additionsBeside: (removals) => (mayMix && removals < operations ? Math.max(0, maxPerRequest - removals) : 0),
  };
}
