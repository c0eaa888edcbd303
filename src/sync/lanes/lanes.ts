import type { Instant } from '../../model/ids.ts';
import { noNews, type News } from '../rounds/news.ts';
import type { TargetReport } from '../target-report.ts';
import type { SubjectDecision } from '../subjects/decide-subject.ts';

/** How a lane left a pass. */
export type LaneEnd =
  /** `preempted`: why its next run goes on at once, such as news that needs a plan of everything. */
  | {
      readonly kind: 'ended';
      readonly report: TargetReport;
      readonly decisions: readonly SubjectDecision[];
      readonly preempted: string | undefined;
    }
  /** It was stopped before its target was completely planned. */
  | { readonly kind: 'unplanned' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A target during one pass. */
export interface Lane {
  readonly news: News;
  /**
   * Ends this pass of the lane between two requests, with the reason as its error: an operator set the target aside, or
   * approved what the lane holds. Undefined: nothing does.
   */
  readonly end?: AbortSignal | undefined;
  /**
   * The target is planned.
   *
   * @param holds whether the guard holds a part of what was planned in this pass up to now
   */
  planned?(holds: () => boolean): void;
  /** The target sends no request before that time: it asked for a pause. */
  waitUntil?(at: Instant): void;
  leave(end: LaneEnd): Promise<void>;
}

/** The targets that take part in passes. A lane is free, or works for one pass. */
export interface Lanes {
  /**
   * Lets a target take part in a pass whose reading is committed.
   *
   * @returns undefined if it works for an earlier pass, or is quarantined
   */
  enter(target: string, pass: { readonly pass: number; readonly reading: number }): Lane | undefined;
}

/** Why a lane ends its pass when its target is set aside. */
export const pausedByOperator = 'an operator paused the target';

/** The lanes of a single pass: all of them are free, and no news arrives. */
export const freeLanes: Lanes = {
  enter: () => ({ news: noNews, leave: () => Promise.resolve() }),
};
