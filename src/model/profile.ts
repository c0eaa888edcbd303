import type { Kind } from './kind.ts';

/** How one kind of application speaks SCIM. Vendors' quirks are values of these words, never code. */
export interface Profile {
  readonly name: string;
  readonly holds: Holds;
  readonly speaks: Speaks;
  readonly allows: Allows;
  /** Numbers of the misbehaviours that the application is known for; the sandbox plays them beside what the words above say. */
  readonly plays: readonly number[];
}

/** What the application can keep. */
export interface Holds {
  readonly groups: boolean;
  /** Groups are made at the application, never by us: found by their match attribute, and only their members are changed. */
  readonly givenGroups: boolean;
  /** The only SCIM paths of a user that it keeps; a mapping to any other is dropped with a note. */
  readonly keeps: 'everything' | readonly string[];
  /** SCIM paths that the application does not keep; a mapping to one of them is dropped with a note. */
  readonly drops: readonly string[];
  /** Paths of a user without which it takes nobody: whoever lacks one is rejected before anything is sent. */
  readonly needs: readonly string[];
  /** Paths whose letters' case it does not keep; compared without case. `userName` is caseExact=false in RFC 7643 section 4.1.1. */
  readonly foldsCase: readonly string[];
  /** Paths whose blanks and punctuation it does not keep (telephone numbers); compared by letters and digits alone. */
  readonly foldsPunctuation: readonly string[];
  /** What a value at a path may look like. */
  readonly values: Readonly<Record<string, ValueRule>>;
  /** What a multi-valued attribute may hold. */
  readonly lists: Readonly<Record<string, ListRule>>;
  /** Under which URN it keeps the enterprise attributes; null: it has none of them. */
  readonly enterpriseSchema: string | null;
  /** Paths of a user that keep the value with which the account was made; another one is noted and not sent. */
  readonly fixed: readonly string[];
  /** `stay`: a group keeps the name that it was made with; a new name is noted and not sent. */
  readonly groupNames: 'change' | 'stay';
}

export interface ValueRule {
  /** In characters; whoever has a longer value is rejected. */
  readonly longest?: number;
  /** Regular expression; whoever has a value that it matches is rejected. */
  readonly refuses?: string;
  /** Sent in lower case. */
  readonly lowerCase?: boolean;
}

export interface ListRule {
  /** Elements beyond so many are left out; the primary one goes first. */
  readonly most?: number;
  /** Exactly one element is marked `primary`: where none is, the first one. */
  readonly primary?: boolean;
  /** Sub-attributes that an element may have; others are left out. */
  readonly parts?: readonly string[];
}

export type UpdateForm = 'auto' | 'patch' | 'put' | 'getThenPut';

/** How resources of a kind are changed. */
export const updateForm = (
  { update, updateGroups }: Pick<Speaks, 'update' | 'updateGroups'>,
  kind: Kind,
): UpdateForm => (kind === 'User' || updateGroups === 'same' ? update : updateGroups);

/** How it is said, and what the answers mean. */
export interface Speaks {
  /** Where the resources live, below the base URL. */
  readonly endpoints: Endpoints;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** `off`: it serves no ServiceProviderConfig, so it is not asked for. What a profile says outweighs discovery either way. */
  readonly discovery: 'hint' | 'off';

  /** `auto`: PATCH unless discovery says that PATCH is not supported. `getThenPut`: what is there is read and written back with our changes, since PUT wipes what it does not name. */
  readonly update: UpdateForm;
  /** The same for groups; `same`: as `update` says. */
  readonly updateGroups: UpdateForm | 'same';
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
  readonly memberParts: readonly ('display' | 'type' | '$ref')[];
  /** Whether a group that is read shows its members. What does not show them proves nothing. */
  readonly readsMembers: boolean;
  /** Query parameters without which a group is shown without its members: {"attributes": "members"}. */
  readonly membersQuery: Readonly<Record<string, string>>;

  /** Attributes by which an existing account is found, in this order. `emails.value`: any of its e-mail addresses. */
  readonly matchUsers: readonly string[];
  readonly matchGroups: readonly string[];
  /** Kinds of which it makes a second one of the same name without a word: each is looked up before it is made. */
  readonly twins: readonly Kind[];
  /** `index`: startIndex and count. `cursor`: RFC 9865. `whole`: everything in one answer. `none`: lists show nothing that can be believed. */
  readonly listing: 'index' | 'cursor' | 'whole' | 'none';

  /** How an account is closed: `active: false`, or DELETE, which only closes it. */
  readonly deactivation: 'active' | 'delete';
  /** How a closed account is opened again: `active: true` as any change is said, by PUT, by a new POST, or only by a person at the application. */
  readonly reactivation: 'active' | 'put' | 'create' | 'never';
  /** What is said of a closed account: all of it, 404, or under made-up names. */
  readonly inactiveUsers: 'readable' | 'missing' | 'obscured';
  /** Whether a closed account can be changed otherwise; if not, it is opened by a request of its own first. */
  readonly inactiveChanges: boolean;
  /** What DELETE of a user does; `never`: it has no such thing, and accounts are deactivated instead. */
  readonly deletion: 'deletes' | 'deactivates' | 'never';
  /** Whether nothing brings a deleted person's data back: a new account is another identity. */
  readonly deletionIsFinal: boolean;
  /** Whether deleting a person also ends the memberships there, so that they need not be removed one by one. */
  readonly deletionEndsMemberships: boolean;

  /** Statuses of a create that mean "already there". */
  readonly conflictStatuses: readonly number[];
  /** One of these in the answer's text tells a conflict from what such a status usually means; empty: the status is enough. Compared without case. */
  readonly conflictWords: readonly string[];
  /** `auto`: If-Match is sent once the target advertises ETags or answers 428. */
  readonly ifMatch: 'auto' | 'always' | 'never';
  /** Whether what was written is read again, because a success may be none: memberships, or everything. */
  readonly readBack: 'never' | 'members' | 'always';
  /** RFC 7644 section 3.7. `offered`: where discovery offers it, in its sizes. */
  readonly bulk: 'never' | 'offered';
}

export interface Endpoints {
  readonly users: string;
  readonly groups: string;
  readonly discovery: string;
}

/** Its pace and its sizes. null: without limit. */
export interface Allows {
  readonly requestsPerSecond: number;
  readonly concurrency: number;
  /** Limits over longer times, beside the above. */
  readonly windows: readonly Window[];
  /** Most memberships that one request changes. A group that is written whole, by PUT, is not meant. */
  readonly membersPerRequest: number;
  /** Most memberships that one request ends; null: as many as it begins. */
  readonly removalsPerRequest: number | null;
  /** Whether one request may begin some memberships and end others. */
  readonly mixesMembers: boolean;
  /** A group that has more members than this is never changed by PATCH, which would lose some of them. */
  readonly patchedGroupMembers: number | null;
  readonly membersPerGroup: number | null;
  readonly operationsPerPatch: number | null;
  /** Largest body of a request, in bytes. */
  readonly bodyBytes: number;
  readonly pageSize: number;
  /** Most operations in one Bulk request, whatever discovery offers. */
  readonly bulkOperations: number;
}

/** At most `requests` of the requests that it means, in any `seconds`. */
export interface Window {
  /** GET, POST, …; every method where it is left out. */
  readonly methods?: readonly string[];
  readonly kind?: Kind;
  readonly requests: number;
  readonly seconds: number;
}
