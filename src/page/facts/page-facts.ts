import type { Instant } from '../../model/ids.ts';
import type { Finding } from './finding.ts';

/** The one word for how a target is. */
export type Condition =
  | 'inStep'
  | 'busy'
  | 'waiting'
  | 'behind'
  | 'new'
  | 'paused'
  | 'held'
  | 'failing'
  | 'unreached'
  | 'quarantined'
  | 'gone';

/** A target, as the overview and its own page show it. */
export interface TargetFacts {
  readonly name: string;
  readonly condition: Condition;
  readonly users: { readonly active: number; readonly inactive: number };
  readonly groups: number;
  readonly memberships: number;
  /** Records and memberships whose last operation did not succeed, or is held. */
  readonly due: number;
  /** Operations that wait for an approval. */
  readonly held: number;
  /** Readings that were committed since the target was last compared. */
  readonly behind: number;
  /** The last pass that tried the target. */
  readonly last: { readonly pass: number; readonly at: Instant } | undefined;
  /** The end of the last pass that left nothing undone; undefined: none is known. */
  readonly inStepAt: Instant | undefined;
  readonly findings: readonly Finding[];
}

/** What was sent in a period, and how fast it was answered. */
export interface Activity {
  readonly from: Instant;
  readonly done: number;
  /** Operations that failed, or were not sent. */
  readonly undone: number;
  /** The median time of a request in ms; undefined: no request was answered. */
  readonly latencyMs: number | undefined;
}

/** The whole company and all targets, now. */
export interface Overview {
  readonly source:
    | {
        readonly users: number;
        readonly groups: number;
        readonly memberships: number;
        /** When the last reading was committed. */
        readonly readAt: Instant;
      }
    | undefined;
  readonly pass: { readonly id: number; readonly at: Instant; readonly sentence: string } | undefined;
  /** The process that works on the state; undefined: none does. */
  readonly running: string | undefined;
  readonly findings: readonly Finding[];
  /** What operators did: approvals, freezes. */
  readonly decisions: readonly string[];
  /** The size of the state file. */
  readonly stateBytes: number;
  readonly targets: readonly TargetFacts[];
  readonly activity: readonly Activity[];
}

/** One target with what was sent there. */
export interface TargetDetails {
  readonly target: TargetFacts;
  readonly activity: readonly Activity[];
}

/** What the page asks about the state. Each answer is bounded in size. */
export interface PageFacts {
  /** Undefined: there is no state yet. */
  overview(): Promise<Overview | undefined>;
  /** Undefined: neither the configuration nor the state has this target. */
  target(name: string): Promise<TargetDetails | undefined>;
}
