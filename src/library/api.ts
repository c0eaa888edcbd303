import type { NoteLine, OutcomeLine, PlannedLine, PlanSummaryLine, SyncSummaryLine } from '../model/json/lines.ts';
import type { ConfigIssue } from './scimsync-error.ts';

/** What `openScimsync` opens. */
export interface OpenOptions {
  /** The path of a configuration file, or a configuration as an object. */
  readonly config: string | object;
  /** Files that change parts of the configuration, as with several `--config`. */
  readonly overlays?: readonly string[];
  /** Where relative paths in a configuration that is an object start. By default the working folder. */
  readonly folder?: string;
  /** Where `{"env": "NAME"}` is looked up. By default the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Who acts, for the journal. By default the user that runs the process. */
  readonly operator?: string;
}

/** Which part of the work a call is about. */
export interface Selection {
  /** Names of targets; by default all of them. */
  readonly targets?: readonly string[];
  /** Only this user: a key, a name, an e-mail address, a DN or another value. */
  readonly user?: string;
  /** Only this group and its memberships. */
  readonly group?: string;
  /** Compares all records, not only those that changed. */
  readonly full?: boolean;
  /** Accepts a reading that failed the plausibility checks, in this call only. */
  readonly acceptSource?: boolean;
  /** Ends the call early. What was sent is recorded. */
  readonly signal?: AbortSignal;
}

/** Options of a dry run. */
export interface PlanOptions extends Selection {
  /** Plans what will be due then: `2026-12-31` or `2026-12-31T08:00`. */
  readonly at?: string;
  /** Receives each operation and each note. The next one waits for its promise. */
  readonly onLine?: (line: PlannedLine | NoteLine) => void | Promise<void>;
}

/** Options of a pass. */
export interface SyncOptions extends Selection {
  /** Also tries records that failed and whose next try is later. */
  readonly retry?: boolean;
  /** Carries out exactly the plan with this id, including what the guard holds. */
  readonly plan?: string;
  /** Lets this number of removals through that the guard would hold. */
  readonly allowRemovals?: number;
  /** Adopts existing accounts that carry the externalId of another person. */
  readonly adoptConflicts?: boolean;
  /** Why `plan`, `allowRemovals`, `acceptSource` or `adoptConflicts` is right, for the journal. */
  readonly reason?: string;
}

/**
 * How a call ended, as the exit code of the command does: `done` (0) nothing is left to do, `failed` (1) something
 * failed or was not sent, `held` (3) something waits for a decision.
 */
export type Outcome = 'done' | 'failed' | 'held';

/** What a pass would do. */
export interface Plan {
  /** For `sync({ plan })`. */
  readonly id: string;
  readonly outcome: Outcome;
  readonly targets: readonly PlanSummaryLine[];
}

/** What a pass did. */
export interface SyncResult {
  /** The number of the pass in the journal. */
  readonly pass: number;
  readonly outcome: Outcome;
  /** The targets whose lanes ended. */
  readonly targets: readonly SyncSummaryLine[];
}

/** One thing that an operator should know. */
export interface Finding {
  readonly kind: string;
  /** One sentence. */
  readonly text: string;
  readonly details?: readonly string[];
  /** The command that deals with it. */
  readonly command?: string;
}

/** A target, as the last passes left it. */
export interface TargetStatus {
  readonly target: string;
  readonly activeUsers: number;
  readonly inactiveUsers: number;
  readonly groups: number;
  readonly memberships: number;
  readonly findings: readonly Finding[];
}

/** What `scimsync status` shows. */
export interface Status {
  /** Something waits for a person: the reason for exit code 1 of `status --exit-code`. */
  readonly needsPerson: boolean;
  /** Undefined: no pass has run. Times are ISO 8601 in UTC. */
  readonly lastPass:
    | {
        readonly pass: number;
        readonly started: string;
        /** Undefined: it is running, or was interrupted. */
        readonly ended: string | undefined;
        readonly result: string | undefined;
        readonly note: string | undefined;
      }
    | undefined;
  /** Whether a process works on the state now. */
  readonly isRunning: boolean;
  readonly source: readonly Finding[];
  /** The targets of the configuration, and those that only the state has. */
  readonly targets: readonly TargetStatus[];
}

/** What happens during a call. */
export interface Events {
  /** A source was read. `source` is the name of a joined one. */
  readonly read: {
    readonly source: string | undefined;
    readonly isUnchanged: boolean;
    readonly users: number;
    readonly groups: number;
    readonly memberships: number;
  };
  /** A target was planned. */
  readonly planned: { readonly target: string; readonly operations: number };
  /** An operation ended. */
  readonly operation: OutcomeLine;
  /** A target has left the pass. */
  readonly summary: SyncSummaryLine;
  /** What the command line would log. Secrets of the configuration are hidden. */
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  };
}

/** Receives one kind of event. An error that it throws is one of the process, and does not end the pass. */
export type Listener<Name extends keyof Events> = (event: Events[Name]) => void;

/** An open configuration. The state is open only during calls, so that other processes can use it between them. */
export interface Scimsync {
  /** The names of the targets. */
  readonly targets: readonly string[];
  /** Settings that work but should be changed. */
  readonly warnings: readonly ConfigIssue[];
  /** A dry run: what `sync` would do. Changes nothing at a target and nothing in the state. @throws ScimsyncError */
  plan(options?: PlanOptions): Promise<Plan>;
  /** One pass: reads the source, plans, and sends the changes. Calls wait for each other. @throws ScimsyncError */
  sync(options?: SyncOptions): Promise<SyncResult>;
  /** What an operator should know now, also while a pass is running. @throws ScimsyncError */
  status(): Promise<Status>;
  /** @returns the function that ends it */
  on<Name extends keyof Events>(name: Name, listener: Listener<Name>): () => void;
  /** Ends running calls early, and resolves once they have ended. Later calls fail. */
  close(): Promise<void>;
}
