import type { Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
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

/** One of many tenants, as the list of them shows it. */
export interface TenantFacts {
  readonly name: string;
  /** Why its daemon does not run, or goes on with an old configuration; undefined: neither. */
  readonly problem: string | undefined;
  readonly isRunning: boolean;
  readonly targets: number;
  /** The last pass; undefined: none has run. */
  readonly pass: { readonly at: Instant; readonly sentence: string } | undefined;
  /** What needs a person, one line each. */
  readonly urgent: readonly string[];
}

/** What was sent in a period, and how fast it was answered. */
export interface Activity {
  readonly from: Instant;
  readonly done: number;
  /** Operations that failed, or were not sent. */
  readonly undone: number;
  /** The median time until an operation was answered, in ms; undefined: none was. */
  readonly latencyMs: number | undefined;
}

/** The whole company and all targets, now. */
export interface Overview {
  readonly source:
    | {
        readonly users: number;
        readonly groups: number;
        readonly memberships: number;
        /** When the last reading with a change was read. */
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

/** A user or group that a search found. */
export interface Match {
  readonly resourceType: ResourceType;
  readonly key: string;
  /** Empty: it has no name. */
  readonly name: string;
  readonly isInSource: boolean;
}

/** An operation of the journal. */
export interface Entry {
  readonly id: number;
  readonly at: Instant;
  readonly pass: number;
  readonly target: string;
  readonly resourceType: ResourceType;
  readonly key: string;
  /** What was done and why. */
  readonly sentence: string;
  /** What came of it, in the words of the application. */
  readonly outcome: string;
  readonly result: 'done' | 'held' | 'undone';
}

/** A user or group from end to end, with its history. */
export interface Story extends Match {
  /** Lines, indented by what they belong to. */
  readonly record: readonly string[];
  readonly targets: readonly { readonly target: string; readonly lines: readonly string[] }[];
  /** The newest first. */
  readonly entries: readonly Entry[];
  /** There are older ones. */
  readonly hasMore: boolean;
  /** The command that sends what is planned now. */
  readonly command: string;
}

/** Passes on one page. */
export const passesPerPage = 30;

/** A pass, and what it did at each target. */
export interface PassFacts {
  readonly id: number;
  readonly command: string;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  readonly result: string;
  readonly note: string | undefined;
  readonly targets: readonly { readonly target: string; readonly sentence: string }[];
  readonly approvals: readonly string[];
}

/** A pass with a page of its operations. */
export interface PassDetails {
  readonly pass: PassFacts;
  readonly entries: readonly Entry[];
  /** The id of the last operation, where more follow. */
  readonly next: number | undefined;
}

/** What the page asks about the state. Each answer is bounded in size. */
export interface PageFacts {
  /** Undefined: there is no state yet. */
  overview(): Promise<Overview | undefined>;
  /** Undefined: neither the configuration nor the state has this target. */
  target(name: string): Promise<TargetDetails | undefined>;
  /** Users and groups by key, name, e-mail address or another value. */
  search(text: string): Promise<readonly Match[]>;
  /** Undefined: no user or group has this key. */
  story(resourceType: ResourceType, key: string): Promise<Story | undefined>;
  /** The passes before this one, the newest first, one more than a page has; undefined: the last ones. */
  passes(before: number | undefined): Promise<readonly PassFacts[]>;
  /** A pass with its operations after this one. Undefined: there is no such pass. */
  pass(id: number, after: number | undefined): Promise<PassDetails | undefined>;
}
