import type { ReadDelay } from './delayed-reads.ts';

/** How an application deviates from the RFCs. A property that is absent means standard behaviour. */
export interface ServerBehaviour {
  /** Attributes without which a create of a user is refused, and attributes that are refused. */
  readonly requires?: readonly string[];
  readonly rejects?: readonly string[];
  /** Stores users whose create it refused; only a search shows them. */
  readonly storesRejected?: boolean;
  /**
   * What the response to a create holds instead of the resource: the Location header alone, nothing, or another user.
   */
  readonly createResponse?: 'location' | 'empty' | 'otherUser';
  /** Attributes that it ignores with a 2xx response. */
  readonly drops?: readonly string[];
  readonly lowercases?: boolean;
  readonly conflict?: { readonly status: number; readonly detail: string };
  /**
   * Attributes that a filter may name. `ignored`: filters have no effect. `nameless`: every filter searches userName.
   */
  readonly filters?: 'ignored' | 'nameless' | readonly string[];
  readonly emptySearchStatus?: 404;
  readonly listing?: 'index' | 'cursor' | 'single' | 'refused';
  readonly discovery?: 'plural' | 'none' | object;
  /** Supported spellings of `op` and forms of operations; every other form gets a 2xx response without effect. */
  readonly patch?:
    | 'none'
    | {
        readonly op?: 'lower' | 'title';
        readonly forms?: readonly ('path' | 'nested' | 'dotted')[];
        readonly valuePaths?: boolean;
        readonly maxOperations?: number;
        readonly immutable?: readonly string[];
      };
  /** `keepsMembers`: PUT of a group does not change its members. */
  readonly put?: 'none' | 'merges' | 'keepsMembers';
  /** Attributes of users that no update changes. */
  readonly immutable?: readonly string[];
  /** The error for an update of userName. */
  readonly userNameRefusal?: { readonly scimType: string; readonly detail: string };
  readonly booleans?: 'text';
  readonly inactive?: {
    readonly deactivatedBy?: 'put';
    readonly undeletable?: true;
    readonly read?: 'notFound' | 'anonymised';
    readonly writable?: boolean;
    readonly reactivation?: 'put' | 'create' | 'never';
    /** A reactivated user gets another id. `hidden`: the response does not show it. */
    readonly newId?: 'shown' | 'hidden';
  };
  /** `failsOnce`: the first DELETE of each resource gets 500. `ignored`: 204 without effect. */
  readonly deletion?: 'deactivates' | 'never' | 'fails' | 'failsOnce' | 'ignored';
  /** `putRenames`: PATCH of displayName gets 501. */
  readonly groups?: 'none' | 'readOnly' | 'nameImmutable' | 'putRenames';
  /** Methods that have an effect inside Bulk; the others get 200 without effect. Absent: Bulk is not announced. */
  readonly bulk?: readonly string[];
  /** New users are inactive until the person accepts, which does not happen here. */
  readonly invites?: true;
  /** The error for each write of a user with `active` false. */
  readonly deactivationStatus?: number;
  /** Number of requests that get 503, beginning with the 40th. */
  readonly unavailableRequests?: number;
  /** Reads return an earlier state. */
  readonly readDelay?: ReadDelay;
  readonly members?: {
    readonly add?: 'object' | 'noPath' | 'typed';
    /** Forms of "add" after which the group has the new members only. */
    readonly addReplaces?: readonly ('list' | 'object' | 'noPath')[];
    /** A PATCH or a PUT changes no member, with 200. */
    readonly ignores?: 'patch' | 'all';
    readonly remove?: 'list';
    readonly shown?: 'attributes' | 'never';
    readonly maxPerRequest?: number;
    readonly unknown?: 'dropped' | 'stored';
    readonly addAndRemoveTogether?: boolean;
    readonly surviveDeletion?: boolean;
  };
}
