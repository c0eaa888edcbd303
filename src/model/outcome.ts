import type { Member } from './operation.ts';
import type { RemoteId } from './ids.ts';
import type { FlatResource } from './resource.ts';

/** What a target answered to an operation, named by the decision that it asks for. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly status: number;
      readonly remoteId?: RemoteId;
      readonly version?: string;
      /** Members of a membership operation that could not be said, or that the target would not take. */
      readonly rejectedMembers?: readonly Member[];
      /** Paths of references that could not be said, because whom they point to is not there yet. */
      readonly unresolved?: readonly string[];
      /** What went less than well, in words. */
      readonly detail?: string;
    }
  /** It was already there; now it is ours, remembered as it was found. */
  | { readonly kind: 'adopted'; readonly status: number; readonly resource: RemoteResource }
  /** It was not there to change: forget it. For a deletion that is success. */
  | { readonly kind: 'notFound'; readonly status: number; readonly detail: string }
  /** Asking again would not help. `partial`: some of it was accepted before. */
  | { readonly kind: 'rejected'; readonly status: number; readonly detail: string; readonly partial?: true }
  /** The target could not be asked, or asked for patience longer than a pass has. */
  | { readonly kind: 'unavailable'; readonly status?: number; readonly detail: string }
  /** Sent, and no answer came that says whether it took effect. */
  | { readonly kind: 'unknown'; readonly detail: string }
  /** Never sent. */
  | { readonly kind: 'skipped'; readonly detail: string };

/** A resource that was read from a target. */
export interface RemoteResource {
  readonly remoteId: RemoteId;
  /** Only the paths that were asked for, in canonical form; absent paths are left out. */
  readonly body: FlatResource;
  readonly active: boolean;
  readonly version?: string;
  /** Whose account a manager is that nobody is known to own yet; the body then has none. */
  readonly manager?: RemoteId;
  /** Remote ids of a group's members; undefined where the target did not say. */
  readonly members?: readonly RemoteId[];
}

/** What the snapshot becomes once a target has answered. */
export type SnapshotChange =
  | { readonly kind: 'keep' }
  | { readonly kind: 'forget' }
  /** A change was sent and never answered: the target may hold the old values of these paths or the new ones. */
  | { readonly kind: 'inDoubt'; readonly paths: readonly string[] }
  | { readonly kind: 'membersInDoubt'; readonly members: readonly Member[] }
  | {
      readonly kind: 'remember';
      readonly remoteId?: RemoteId;
      readonly body: FlatResource;
      readonly active: boolean;
      readonly version?: string;
      /** Paths that are still in doubt. */
      readonly inDoubt?: readonly string[];
    }
  | { readonly kind: 'adopt'; readonly resource: RemoteResource }
  | {
      readonly kind: 'members';
      readonly added: readonly Member[];
      readonly removed: readonly Member[];
      readonly version?: string;
    };
