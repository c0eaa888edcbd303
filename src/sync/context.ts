import type { Redact } from '../model/redaction/redactor.ts';
import type { Instant } from '../model/ids.ts';
import type { KeyForm } from '../model/reading/key-form.ts';
import type { RowsPolicy } from '../model/reading/row-choice.ts';
import type { RecordKey } from '../model/record-key.ts';
import type { JoinValue } from '../desired/joins/join-value.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Clock, Random } from '../model/clock.ts';
import type { SourceIdentity } from '../model/reading/source-identity.ts';
import type { JoinerPolicy, LeaverPolicy } from '../model/resource.ts';
import type { Approval, Limits } from '../model/plan.ts';
import type { VerificationLimits } from '../model/evidence.ts';
import type { Profile } from '../model/profile.ts';
import type { DriftSettings } from '../model/target/drift.ts';
import type { RequestCounts } from '../model/target/request-counts.ts';
import type { SanityLimits } from '../plan/reading/amounts.ts';
import type { Target } from '../scim/target.ts';
import type { Columns, Source } from '../source/source.ts';
import type {
  PlanningTransaction,
  ReadingSide,
  Serving,
  ServingJournal,
  ServingTarget,
  Store,
  Operator,
} from '../store/store.ts';
import type { Emit } from './events.ts';
import type { SubjectQuery } from './subjects/find-subjects.ts';
import type { Listings } from './execution/listings.ts';
import type { Ledger } from './execution/pages/ledger.ts';

/** The settings of one target that planning needs. No part of it can reach the target. */
export interface TargetSpec {
  readonly name: string;
  /** Its identity, as `targetUrlIdentity` returns it: not for requests. */
  readonly url: string;
  readonly profile: Profile;
  readonly leavers: LeaverPolicy;
  /** When accounts of users with a start date are created and activated; by default on that date. */
  readonly joiners?: JoinerPolicy | undefined;
  /** The time zone in which days are counted, for users without one of their own; by default UTC. */
  readonly zone?: string | undefined;
  readonly guard: Limits;
  /** How the target is compared with the snapshot; by default `defaultDriftSettings`. */
  readonly drift?: DriftSettings | undefined;
  /** Whether an existing account may be adopted. */
  readonly adopt: boolean;
  readonly verification: VerificationLimits;
  /** Whether an existing account that carries the externalId of another person may be adopted, in this pass only. */
  readonly adoptConflicts: boolean;
  /** What does not distinguish the keys of the source, and the externalIds made of them. */
  readonly keyForm?: KeyForm | undefined;
  /** Compiles mapping, scope and protection for the attributes that the source has. @throws OperatorError */
  readonly compileMapping: (columns: Columns) => TargetMapping;
}

/** The source and the settings of its readings. */
export interface SourceSpec {
  /** Its name in the configuration; undefined: it is the only source. */
  readonly name?: string | undefined;
  readonly source: Source;
  /** The attribute with the name of a group; undefined: the default. */
  readonly groupName?: string | undefined;
  /** Groups and memberships come from a column of the users' rows. */
  readonly groupsFromColumn: boolean;
  /** Which of several rows of one user counts; undefined: rows that differ are rejected. */
  readonly rows?: RowsPolicy | undefined;
  readonly sanity: SanityLimits;
  /** `ask`: users whose key changed wait for an operator; `auto`: a few are relinked without one. */
  readonly relink: 'ask' | 'auto';
  /** What does not distinguish keys; the rows have keys in this form. */
  readonly keyForm?: KeyForm | undefined;
  /** Which source it is; undefined: it is not compared. */
  readonly identity?: SourceIdentity | undefined;
  /** An older export is reported, and refused at twice this age; undefined: any age. In ms. */
  readonly maxAgeMs?: number | undefined;
  /** Hides secrets in the errors of the source; undefined: it has none. */
  readonly redact?: Redact | undefined;
  /** After this many ms the next reading is a full one, even if the source can report changes. */
  readonly fullEveryMs: number;
}

/** A source whose records are joined to the users of the primary source. */
export interface JoinedSourceSpec extends SourceSpec {
  readonly name: string;
  /** The value of its records that must be equal to that of a user. */
  readonly on: JoinValue;
  /** The value of a user of the primary source. */
  readonly equals: JoinValue;
  /** What does not distinguish two values. */
  readonly joinForm: KeyForm;
  /** A user without a record of this source is left as it is. */
  readonly isRequired?: boolean | undefined;
  /** Its groups are groups of the company. */
  readonly hasGroups?: boolean | undefined;
}

/** A command that takes accounts over, or what a target shows of them, and plans these records at once. */
export type RequeuingCommand = 'orphans' | 'drift';

/** Options of one pass. */
export interface PassOptions {
  /** Names of the targets of this pass; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Evaluates every record, changed or not. */
  readonly full: boolean;
  /** Plans what will be due at that time, in a dry run; undefined: now. */
  readonly at?: Instant | undefined;
  /** Also tries failing records whose next try is in a later pass. */
  readonly retry?: boolean;
  readonly approval: Approval;
  /** Who starts the pass, for the journal. */
  readonly operator: Operator;
  /** Plans only what this command requeued for the pass, by the last reading: the source is not read. */
  readonly onlyRequeued?: RequeuingCommand;
  /** The sources that are not due, by name: the pass uses their last accepted readings. By default there are none. */
  readonly notDue?: ReadonlySet<string> | undefined;
  /** Plans everything by the last reading: the source is not read. */
  readonly byLastReading?: boolean;
  /** Targets that an operator set aside take part. */
  readonly includesPaused?: boolean;
  /**
   * Plans only this user or group. The source is read and judged as a whole; changes of others wait for the next pass.
   */
  readonly subject?: SubjectQuery | undefined;
  /** Accepts an implausible reading, in this pass only. */
  readonly acceptSource: boolean;
  /** For the journal: the command line, and who started it. */
  readonly command: string;
  readonly note: string | undefined;
}

/** What a pass reads and compares, besides the state. No part of it can reach a target, so a dry run cannot send. */
export interface PassInputs {
  readonly source: SourceSpec;
  /** Other sources, joined to it; by default none. */
  readonly joinedSources?: readonly JoinedSourceSpec[];
  /** All targets of the configuration: the mirror keeps each attribute that any of them uses. */
  readonly targets: readonly TargetSpec[];
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Dependencies of the reading of the sources, outside of transactions. */
export interface ReadingDeps extends PassInputs {
  readonly store: ReadingSide;
}

/** Dependencies of the planning of a target, in one transaction. */
export interface PlanningDeps extends PassInputs {
  readonly store: PlanningTransaction;
}

/** Dependencies of a dry run. */
export interface PlanDeps extends PassInputs {
  readonly store: Pick<Store, 'dryRun'>;
}

/** Dependencies of a pass that also sends. */
export interface SyncDeps extends PassInputs {
  readonly store: Store;
  /**
   * @param requestCounts the requests that the target's quotas count
   * @param onPause is called when the target asks for a pause, with the time at which it ends
   */
  readonly connect: (spec: TargetSpec, requestCounts: RequestCounts, onPause?: (until: Instant) => void) => Target;
  readonly random: Random;
  /** Requests in flight get this time after a stop, in ms; by default 5 s. */
  readonly stopMs?: number | undefined;
}

/** Dependencies of execution at one target: the only part of a pass that can reach the target. */
export interface ExecutionDeps {
  readonly journal: ServingJournal;
  readonly store: ServingTarget;
  /** Pages of operations, and of results. */
  readonly serving: Serving;
  readonly ledger: Ledger;
  readonly target: Target;
  readonly listings: Listings;
  /** Accounts in doubt that were read when the pass began: the snapshot holds what the target showed. */
  readonly readAccounts: ReadonlySet<RecordKey>;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * A target whose responses still raise follow-ups after this many rounds contradicts itself; the next pass continues.
 * News is not counted.
 */
export const maxRounds = 5;

/** One round at one target: round 0 executes the plan, later rounds execute the follow-ups of responses, or news. */
export interface ExecutionRound {
  readonly pass: number;
  readonly round: number;
  /** No follow-ups come after it in this pass. */
  readonly isLast?: boolean;
  /** What it sends is not what the source asks for: the next pass of the target compares all of it again. */
  readonly staysRequeued?: boolean;
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
}
