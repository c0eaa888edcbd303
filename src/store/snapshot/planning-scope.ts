import type { BoundarySpan, MovedLimit } from '../../model/dates/validity.ts';
import type { Instant, SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';

/** Accounts that are inactive for a number of calendar days, counted in the zones of their users. */
export interface DueDeletions extends Omit<MovedLimit, 'limit'> {
  readonly now: Instant;
}

/** Which records a planning evaluates. */
export type PlanningScope =
  | { readonly kind: 'full'; readonly deletions: DueDeletions | undefined }
  /** Changed since `after`, requeued, inactive for the days of `deletions`, or with a date in one of these spans. */
  | {
      readonly kind: 'changed';
      readonly after: number;
      readonly deletions: DueDeletions | undefined;
      readonly boundaries?: readonly BoundarySpan[];
    }
  /**
   * News for a target that executes a pass: changed since `after`, due for deletion since `deletionsSince`, or with a
   * date in one of these spans. The queue is left out: it contains what the pass has not sent.
   */
  | {
      readonly kind: 'news';
      readonly after: number;
      readonly deletions: DueDeletions | undefined;
      readonly deletionsSince: Instant | undefined;
      readonly boundaries: readonly BoundarySpan[];
    }
  /** Users with an account whose record changed since `after`, while the target is being planned. */
  | { readonly kind: 'removals'; readonly after: number }
  /** Only the follow-ups of responses in this pass, which is running. */
  | { readonly kind: 'followUp'; readonly pass: number };

/** A user or group by its key. */
export type RecordRef = Pick<Candidate, 'resourceType' | 'key'>;

/** The userName or displayName that an operation gives to its account. */
export interface RequestedName {
  readonly resourceType: ResourceType;
  readonly name: string;
}

/** A record that a planning evaluates. */
export interface Candidate {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** Undefined if the source no longer contains it. */
  readonly record: SourceRecord | undefined;
  readonly known: KnownState | undefined;
  /** An earlier create was sent and got no response. */
  readonly isCreateInDoubt: boolean;
  /** Its last operation did not succeed. */
  readonly isRequeued: boolean;
}

/** One membership to compare: whether the source has it, and whether the target acknowledged it. */
export interface MembershipCandidate {
  readonly group: SourceKey;
  readonly member: SourceKey;
  readonly memberType: ResourceType;
  readonly isDesired: boolean;
  readonly isKnown: boolean;
  /** A change of it was sent and got no response. */
  readonly isInDoubt: boolean;
}
