/**
 * The lines that `plan` and `sync` print with `--json`. The library hands out the same objects, so this file imports
 * nothing: the declarations of the package are complete without the rest of the program.
 */

/** A JSON value. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** One attribute before and after an operation. `from` is null where the attribute is new, or not known. */
export interface ChangeOfLine {
  /** SCIM path, RFC 7644 section 3.5.2: `emails[type eq "work"].value`. Keys of members are at `members`. */
  readonly path: string;
  readonly from: JsonValue;
  readonly to: JsonValue;
}

/** One change at a target. An operation that adds and removes members is two lines. */
export interface OperationLine {
  readonly type: 'operation';
  readonly target: string;
  readonly action:
    'create' | 'verifyCreate' | 'update' | 'deactivate' | 'reactivate' | 'delete' | 'addMembers' | 'removeMembers';
  readonly resource: 'User' | 'Group';
  /** The key of the record in the source. */
  readonly key: string;
  readonly name: string;
  readonly changes: readonly ChangeOfLine[];
  /** Why the change is necessary, in one sentence. */
  readonly reason: string | undefined;
}

/** An operation that would be sent, or would be held. */
export interface PlannedLine extends OperationLine {
  /** The guard or a freeze holds it. */
  readonly held?: true;
  /** Why it is held, if the guard is not the reason. */
  readonly detail?: string;
  readonly code?: string;
}

/** A record that is not sent as its mapping has it, or not at all. */
export interface NoteLine {
  readonly type: 'note';
  readonly target: string;
  readonly resource: 'User' | 'Group';
  readonly key: string;
  readonly name: string;
  readonly note: string;
  /** The record is not sent. */
  readonly problem: boolean;
}

/** An operation, and how it ended. */
export interface OutcomeLine extends OperationLine {
  readonly outcome: 'done' | 'adopted' | 'failed' | 'unknown' | 'skipped' | 'held';
  /** HTTP status of the last response; null: there was none. */
  readonly status: number | null;
  /** What the target answered, or why the operation was not sent. */
  readonly detail: string | null;
  /** How strongly the target showed the result: it answered, showed the resource, or it was read afterwards. */
  readonly evidence?: 'answered' | 'shown' | 'read';
  readonly code?: string;
}

/** Operations by action. Users and groups both count; memberships count in members. */
export interface CountsOfLine {
  readonly create: number;
  readonly update: number;
  readonly deactivate: number;
  readonly reactivate: number;
  readonly delete: number;
  readonly addMembers: number;
  readonly removeMembers: number;
}

/** What the guard holds, and why. */
export interface HeldOfLine {
  readonly parts: readonly string[];
  readonly kinds: readonly Readonly<Record<string, unknown>>[];
  /** Sentences for an operator, with the numbers. */
  readonly reasons: readonly string[];
  readonly removals: number;
  readonly renames: number;
  /** Only after a pass: the number of operations that are held. */
  readonly operations?: number;
}

/** Records that need the name of an account that keeps it for now. */
export interface WaitingNamesOfLine {
  readonly total: number;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

interface SummaryLine {
  readonly type: 'summary';
  readonly target: string;
  readonly counts: CountsOfLine;
  readonly held: HeldOfLine | null;
  /** The id by which `approve` lets through what is held. */
  readonly hold: string | null;
  /** The number of users to create, in the first load of a target. */
  readonly firstLoad: number | null;
  readonly waitingForNames: WaitingNamesOfLine;
  /** Changes that wait because their users are frozen. */
  readonly frozen: number;
}

/** The plan of one target. */
export interface PlanSummaryLine extends SummaryLine {
  /** The id of the plan of all targets, for `sync --plan`. */
  readonly plan: string;
  /** The requests that the plan needs, about. */
  readonly requests: number;
  /** The time that they take at the limits of the target, about, in ms. */
  readonly milliseconds: number;
}

/** What a pass did at one target. */
export interface SyncSummaryLine extends SummaryLine {
  readonly succeeded: number;
  readonly failed: number;
  /** Operations that were not sent; the next pass plans them again. */
  readonly skipped: number;
  /** Closings of users that no answer and no read has shown yet. */
  readonly unconfirmed: number;
  readonly requests: number;
  readonly retries: number;
  /** Requests that read writes back; `requests` does not count them. */
  readonly verifications: number;
  /** Records that do not fit the target. */
  readonly problems: number;
  /** Failing records whose next try is in a later pass. */
  readonly waiting: number;
  /** Accounts whose externalId belongs to no record. */
  readonly orphans: number;
  /** Accounts without an owner. */
  readonly unowned: number;
  /** Why the target was left before the last operation; null: it was not. */
  readonly unavailable: string | null;
}
