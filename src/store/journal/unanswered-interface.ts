import type { Instant, SourceKey } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Operation } from '../../model/operation.ts';
import type { OperationState } from './stored-operation.ts';

/** A removal that was sent without an answer and has no verdict yet, with what is known about it now. */
export interface UnansweredRemoval {
  /** The row in the journal. */
  readonly id: number;
  /** `members`: an operation that ends memberships. */
  readonly action: 'deactivate' | 'delete' | 'members';
  /** Why there was no answer. */
  readonly detail: string | undefined;
  /** Whether the next pass compares the record, or one of the memberships, again. */
  readonly isOpen: boolean;
  /** The account in the snapshot; `none`: the snapshot has no row. */
  readonly account: 'active' | 'inactive' | 'missing' | 'none';
  /**
   * The operation of the record after this one with an answer, or with a read that contradicts it: the first one, or
   * the last one on the members of the group.
   */
  readonly next:
    | {
        readonly pass: number;
        readonly action: Operation['action'];
        readonly state: OperationState;
        readonly evidence: Evidence | undefined;
      }
    | undefined;
}

/** How a removal without an answer ended. */
export interface RemovalEnd {
  readonly state: 'done' | 'failed';
  readonly evidence: Evidence;
  readonly detail: string;
}

/** The removals of the journal that were sent without an answer. */
export interface UnansweredRemovals {
  /** Those of one target, oldest first, at most `limit`. */
  unansweredRemovals(target: string, limit: number): Promise<readonly UnansweredRemoval[]>;
  /** Writes how they ended, in one commit. */
  endRemovals(ends: readonly { readonly id: number; readonly end: RemovalEnd }[], at: Instant): Promise<void>;
}

/** The creates of the journal that did not end with an account. */
export interface UnansweredCreates {
  /** The body of the record's latest create that got no response, or that the target refused. */
  unansweredCreate(target: string, resourceType: ResourceType, key: SourceKey): Promise<FlatResource | undefined>;
}
