import type { ResourceType } from './resource-type.ts';

/** How one kind of application speaks SCIM. Vendors' quirks are values of these words, never code. */
export interface Profile {
  readonly name: string;
  readonly supports: Supports;
  readonly protocol: Protocol;
  readonly limits: ProfileLimits;
  /** Numbers of the misbehaviours that the application is known for; the sandbox plays them beside what the words above say. */
  readonly misbehaviours: readonly number[];
}

/** What the application can keep. */
export interface Supports {
  readonly groups: boolean;
  /** Groups are made at the application, never by us: found by their match attribute, and only their members are changed. */
  readonly groupsReadOnly: boolean;
  /** The only SCIM paths of a user that it keeps; a mapping to any other is dropped with a note. */
  readonly onlyAttributes: 'all' | readonly string[];
  /** SCIM paths that the application does not keep; a mapping to one of them is dropped with a note. */
  readonly unsupportedAttributes: readonly string[];
  /** Paths of a user without which it takes nobody: whoever lacks one is rejected before anything is sent. */
  readonly requiredAttributes: readonly string[];
  /** Paths whose letters' case it does not keep; compared without case. `userName` is caseExact=false in RFC 7643 section 4.1.1. */
  readonly caseInsensitive: readonly string[];
  /** Paths whose blanks and punctuation it does not keep (telephone numbers); compared by letters and digits alone. */
  readonly ignoresPunctuation: readonly string[];
  /** What a value at a path may look like. */
  readonly values: Readonly<Record<string, ValueConstraint>>;
  /** What a multi-valued attribute may hold. */
  readonly lists: Readonly<Record<string, ListConstraint>>;
  /** Under which URN it keeps the enterprise attributes; null: it has none of them. */
  readonly enterpriseSchema: string | null;
  /** Paths of a user that keep the value with which the account was made; another one is noted and not sent. */
  readonly immutableAttributes: readonly string[];
  /** A group keeps the name that it was made with; a new name is noted and not sent. */
  readonly groupNameImmutable: boolean;
}

export interface ValueConstraint {
  /** In characters; whoever has a longer value is rejected. */
  readonly maxLength?: number;
  /** Regular expression; whoever has a value that it matches is rejected. */
  readonly rejectPattern?: string;
  /** Sent in lower case. */
  readonly lowerCase?: boolean;
}

export interface ListConstraint {
  /** Elements beyond so many are left out; the primary one goes first. */
  readonly maxItems?: number;
  /** Exactly one element is marked `primary`: where none is, the first one. */
  readonly primary?: boolean;
  /** Sub-attributes that an element may have; others are left out. */
  readonly subAttributes?: readonly string[];
}

export type UpdateMethod = 'auto' | 'patch' | 'put' | 'getThenPut';

/** How resources of a kind are changed. */
export const updateMethodOf = (
  { update, updateGroups }: Pick<Protocol, 'update' | 'updateGroups'>,
  resourceType: ResourceType,
): UpdateMethod => (resourceType === 'User' || updateGroups === 'same' ? update : updateGroups);

/** How it is said, and what the answers mean. */
export interface Protocol {
  /** Where the resources live, below the base URL. */
  readonly endpoints: Endpoints;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** `off`: it serves no ServiceProviderConfig, so it is not asked for. What a profile says outweighs discovery either way. */
  readonly discovery: 'hint' | 'off';

  /** `auto`: PATCH unless discovery says that PATCH is not supported. `getThenPut`: what is there is read and written back with our changes, since PUT wipes what it does not name. */
  readonly update: UpdateMethod;
  /** The same for groups; `same`: as `update` says. */
  readonly updateGroups: UpdateMethod | 'same';
  /** How `op` is written: `replace` (RFC 7644 section 3.5.2) or `Replace`. */
  readonly patchOps: 'lower' | 'title';
  /** `always`: each operation has a path. `nested`: one operation without a path, whose value is an object as in a resource. `dotted`: one without a path, whose keys are paths. */
  readonly patchPaths: 'always' | 'nested' | 'dotted';
  /** Whether `emails[type eq "work"].value` may stand as a PATCH path; if not, the whole attribute is replaced. */
  readonly valuePaths: boolean;
  /** true, "true" or "True". */
  readonly booleans: 'json' | 'text' | 'titleText';
  /** A manager as `{"value": id}` or as the id alone. */
  readonly manager: 'reference' | 'text';

  /** `list`: path members, value [{value}]. `object`: path members, value {members: [{value}]}. `noPath`: value {members: [{value}]}. */
  readonly addMembers: 'list' | 'object' | 'noPath';
  /** `filter`: path members[value eq "x"], one operation each. `list`: path members, value [{value}]. */
  readonly removeMembers: 'filter' | 'list';
  /** What an element of `members` is sent with beside `value`. */
  readonly memberSubAttributes: readonly ('display' | 'type' | '$ref')[];
  /** Whether a group that is read shows its members. What does not show them proves nothing. */
  readonly returnsMembers: boolean;
  /** Query parameters without which a group is shown without its members: {"attributes": "members"}. */
  readonly groupReadQuery: Readonly<Record<string, string>>;

  /** Attributes by which an existing account is found, in this order. `emails.value`: any of its e-mail addresses. */
  readonly matchUsers: readonly string[];
  readonly matchGroups: readonly string[];
  /** Kinds of which it makes a second one of the same name without a word: each is looked up before it is made. */
  readonly allowsDuplicates: readonly ResourceType[];
  /** `index`: startIndex and count. `cursor`: RFC 9865. `single`: everything in one answer. `unreliable`: lists show nothing that can be believed. */
  readonly listing: 'index' | 'cursor' | 'single' | 'unreliable';

  /** How an account is closed: `active: false`, or DELETE, which only closes it. */
  readonly deactivation: 'active' | 'delete';
  /** How a closed account is opened again: `active: true` as any change is said, by PUT, by a new POST, or only by a person at the application. */
  readonly reactivation: 'active' | 'put' | 'create' | 'never';
  /** What is said of a closed account: all of it, 404, or under made-up names. */
  readonly inactiveUsers: 'readable' | 'notFound' | 'anonymised';
  /** Whether a closed account can be changed otherwise; if not, it is opened by a request of its own first. */
  readonly inactiveUsersWritable: boolean;
  /** What DELETE of a user does; `never`: it has no such thing, and accounts are deactivated instead. */
  readonly deletion: 'deletes' | 'deactivates' | 'never';
  /** Whether nothing brings a deleted person's data back: a new account is another identity. */
  readonly deletionIsFinal: boolean;
  /** Whether deleting a person also ends the memberships there, so that they need not be removed one by one. */
  readonly deletionEndsMemberships: boolean;

  /** Statuses of a create that mean "already there". */
  readonly conflictStatuses: readonly number[];
  /** One of these in the answer's text tells a conflict from what such a status usually means; empty: the status is enough. Compared without case. */
  readonly conflictMessages: readonly string[];
  /** `auto`: If-Match is sent once the target advertises ETags or answers 428. */
  readonly ifMatch: 'auto' | 'always' | 'never';
  /** Whether what was written is read again, because a success may be none: memberships, or everything. */
  readonly verifyWrites: 'never' | 'members' | 'always';
  /** RFC 7644 section 3.7. `offered`: where discovery offers it, in its sizes. */
  readonly bulk: 'never' | 'offered';
}

export interface Endpoints {
  readonly users: string;
  readonly groups: string;
  readonly discovery: string;
}

/** Its pace and its sizes. null: without limit. */
export interface ProfileLimits {
  readonly requestsPerSecond: number;
  readonly concurrency: number;
  /** Limits over longer times, beside the above. */
  readonly quotas: readonly Quota[];
  /** Most memberships that one request changes. A group that is written whole, by PUT, is not meant. */
  readonly membersPerRequest: number;
  /** Most memberships that one request ends; null: as many as it begins. */
  readonly removalsPerRequest: number | null;
  /** Whether one request may begin some memberships and end others. */
  readonly addAndRemoveTogether: boolean;
  /** A group that has more members than this is never changed by PATCH, which would lose some of them. */
  readonly maxPatchableGroupSize: number | null;
  readonly membersPerGroup: number | null;
  readonly operationsPerPatch: number | null;
  /** Largest body of a request, in bytes. */
  readonly maxPayloadSize: number;
  readonly pageSize: number;
  /** Most operations in one Bulk request, whatever discovery offers. */
  readonly maxBulkOperations: number;
}

/** At most `requests` of the requests that it means, in any `seconds`. */
export interface Quota {
  /** GET, POST, …; every method where it is left out. */
  readonly methods?: readonly string[];
  readonly resourceType?: ResourceType;
  readonly requests: number;
  readonly seconds: number;
}
