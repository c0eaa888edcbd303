import type { BoundarySpan } from '../../model/dates/validity.ts';
import type { Instant, SourceKey } from '../../model/ids.ts';
import type { DueDeletions } from '../snapshot/planning-scope.ts';

/** Who did something, and when. */
export interface OperatorMark {
  readonly at: Instant;
  readonly operator: string;
  readonly host: string;
}

/** A target that an operator set aside. */
export interface Pause {
  readonly target: string;
  readonly begun: OperatorMark;
  /** Undefined: the operator gave none. */
  readonly reason: string | undefined;
}

/** A pause with its end; undefined: it has not ended. */
export interface PauseRecord extends Pause {
  readonly ended: OperatorMark | undefined;
}

/** A user for whom nothing is changed. */
export interface Freeze {
  readonly key: SourceKey;
  /** The name when the freeze began, or the key. */
  readonly name: string;
  readonly begun: OperatorMark;
  readonly reason: string;
  /** The first moment without the freeze; undefined: until an operator ends it. */
  readonly until: Instant | undefined;
}

/** A freeze with its end; undefined: it is in force. */
export interface FreezeRecord extends Freeze {
  /** Undefined operator: its time passed. */
  readonly ended: { readonly at: Instant; readonly operator: string | undefined; readonly host: string } | undefined;
}

/** By which times a target compares records that did not change. */
export interface DueTimes {
  readonly boundaries: readonly BoundarySpan[];
  /** Undefined: inactive accounts stay. */
  readonly deletions: DueDeletions | undefined;
}

/** What operators set aside: targets, and users. */
export interface SuspensionsView {
  /** The pauses that have not ended, by target. */
  pauses(): readonly Pause[];
  /** The number of users and groups that changed, or are due, since the target was last planned. */
  countPending(target: string, due: DueTimes): Promise<number>;
  /** The freezes in force, by key. */
  freezes(): readonly Freeze[];
}

/** The ends of freezes by time. */
export interface FreezeEnds {
  /** Ends the freezes whose time has passed. */
  endFreezes(now: Instant): Promise<void>;
}

/** The same, with what operators decide. */
export interface Suspensions extends SuspensionsView, FreezeEnds {
  pause(pause: Pause): Promise<void>;
  resume(target: string, mark: OperatorMark): Promise<void>;
  /** Begins a freeze, in place of one in force. */
  freeze(freeze: Freeze): Promise<void>;
  /** Ends the freeze of a user. The next planning of each target compares the user. */
  unfreeze(key: SourceKey, mark: OperatorMark): Promise<void>;
}

/** What freezes mean for the planning of one target. */
export interface FrozenCandidates {
  /**
   * Adds the frozen users to the candidates, and those whose freeze ended since the target was last planned: their
   * changes were not planned then. `withGroups`: also the groups that contain them, whose deletion waits.
   */
  selectFrozen(withGroups: boolean): Promise<void>;
  /** The users whose freeze is in force. */
  frozenUsers(): Promise<ReadonlySet<SourceKey>>;
  /** The users whose freeze ended since the target was last planned. */
  thawedUsers(): Promise<ReadonlySet<SourceKey>>;
  /** The groups at the target that contain a frozen user. */
  groupsOfFrozen(): Promise<ReadonlySet<SourceKey>>;
}
