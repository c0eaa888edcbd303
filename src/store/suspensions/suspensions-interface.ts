import type { BoundarySpan } from '../../model/dates/validity.ts';
import type { Instant } from '../../model/ids.ts';

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

/** By which times a target compares records that did not change. */
export interface DueTimes {
  readonly boundaries: readonly BoundarySpan[];
  /** Inactive accounts are deleted that are inactive since then; undefined: never. */
  readonly inactiveBefore: Instant | undefined;
}

/** What operators set aside: targets. The methods that write belong inside a transaction. */
export interface Suspensions {
  /** The pauses that have not ended, by target. */
  pauses(): readonly Pause[];
  pause(pause: Pause): Promise<void>;
  resume(target: string, mark: OperatorMark): Promise<void>;
  /** The number of users and groups that changed, or are due, since the target was last planned. */
  countPending(target: string, due: DueTimes): Promise<number>;
}
