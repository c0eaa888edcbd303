import type { Instant, RemoteId, SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Member, Operation } from '../model/operation.ts';
import type { Outcome, SnapshotChange, Found } from '../model/outcome.ts';
import type { Counts, Totals } from '../model/plan.ts';
import type { SourceRecord } from '../model/record.ts';
import type { Body, Known } from '../model/resource.ts';
import type { Holder, Lock } from './lock.ts';
import type { Mirror } from './readings.ts';

export type * from './readings.ts';

/**
 * What we remember. Asynchronous and in batches, so that the same state can one day stand in a database server
 * that several workers share; SQLite is the default.
 */
export interface Store {
  /** @throws OperatorError that names the holder */
  lock(holder: Holder): Lock;
  /**
   * Runs `work` in one transaction: all of it becomes true together, or none of it. Transactions do not nest, and what is written
   * between requests (`sent`, `answered`, `remember…`, `correct`, `summarise`, `skipRest`, `end`) waits for the end of one: planning does not use them.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction that is taken back whatever happens: the dry run's world without writes. */
  rehearse<T>(work: () => Promise<T>): Promise<T>;
  readonly mirror: Mirror;
  readonly journal: Journal;
  target(name: string): Promise<TargetStore>;
  close(): void;
}

// One target: snapshot, and what must be looked at ----------------------------------------------------------------

export interface TargetState {
  readonly derived: number;
  readonly rules: string;
  readonly discovery: unknown;
  readonly listed: Instant | undefined;
}

/** Which records a planning looks at. */
export type Extent =
  | { readonly kind: 'full'; readonly inactiveBefore: Instant | undefined }
  /** Changed since `after`, due, or deactivated before `inactiveBefore`. */
  | { readonly kind: 'changed'; readonly after: number; readonly inactiveBefore: Instant | undefined }
  /** Only what answers of the running pass raised. */
  | { readonly kind: 'followUp' };

export interface Candidate {
  readonly kind: Kind;
  readonly key: SourceKey;
  /** Undefined where the source no longer has it. */
  readonly record: SourceRecord | undefined;
  readonly known: Known | undefined;
  /** An earlier create of it was sent and never answered. */
  readonly uncertain: boolean;
  /** Its last operation did not succeed. */
  readonly due: boolean;
}

/** One membership to compare: whether the source has it, and whether the target acknowledged it. */
export interface EdgeCandidate {
  readonly group: SourceKey;
  readonly member: SourceKey;
  readonly memberKind: Kind;
  readonly wanted: boolean;
  readonly known: boolean;
  /** A change of it was sent and never answered. */
  readonly doubtful: boolean;
}

export interface PlannedOperation {
  readonly operation: Operation;
  readonly phase: number;
  readonly wave: number;
  /** Changes a userName or an e-mail address that somebody has. */
  readonly renames: boolean;
}

export interface StoredOperation extends PlannedOperation {
  readonly id: number;
  readonly state: OperationState;
}

export type OperationState = 'planned' | 'held' | 'sent' | 'done' | 'adopted' | 'failed' | 'unknown' | 'skipped';

export interface TargetStore {
  readonly name: string;
  state(): Promise<TargetState>;
  rememberDiscovery(discovery: unknown): Promise<void>;
  rememberListing(at: Instant): Promise<void>;

  /** Chooses the candidates; they are then read page by page. */
  chooseCandidates(extent: Extent): Promise<void>;
  candidates(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly Candidate[]; readonly next: number | undefined }>;
  /** People who wait for one of these managers, or point to one of them, become candidates too. */
  chooseReferrers(managers: readonly SourceKey[]): Promise<void>;
  /** One record with what is known of it, candidate or not. */
  candidate(kind: Kind, key: SourceKey): Promise<Candidate>;
  /** Notes that a person's manager is not at this target yet; undefined: nobody is waited for. */
  rememberWaiting(key: SourceKey, manager: SourceKey | undefined): Promise<void>;

  /**
   * Chooses memberships: those that the extent names, all of the people who were candidates, and all of these groups.
   *
   * @param most members that a group may have there; all memberships of a group that is full are chosen where one of them is, since its place may become free
   */
  chooseEdges(extent: Extent, groups: Iterable<SourceKey>, most?: number): Promise<void>;
  edges(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly EdgeCandidate[]; readonly next: number | undefined }>;

  knownByName(kind: Kind, foldedName: string): Promise<readonly Known[]>;
  totals(): Promise<Totals['known']>;
  activeUsers(): Promise<number>;
  /** These answer at once: they are asked for every operation, between two requests. */
  known(kind: Kind, key: SourceKey): Known | undefined;
  /** An earlier create of it was sent and never answered. */
  isUncertain(kind: Kind, key: SourceKey): boolean;
  remoteIdOf(kind: Kind, key: SourceKey): RemoteId | undefined;
  owner(kind: Kind, remoteId: RemoteId): SourceKey | undefined;
  /** Acknowledged, and not in doubt since. */
  isMember(group: SourceKey, member: Member): boolean;
  membersOf(group: SourceKey): readonly Member[];
  countMembers(group: SourceKey): number;

  /** Records that a planning was complete: the mirror up to this reading was compared by these rules. */
  derived(reading: number, rules: string): Promise<void>;
  hasFollowUps(): Promise<boolean>;
  /** Accounts of which it is not known what the target holds: a change of them was sent and never answered. */
  doubtful(limit: number): Promise<readonly Known[]>;
  /** Remembers what a reading of the target showed, and looks at the record once more in this pass. */
  correct(known: Known, change: SnapshotChange, at: Instant): Promise<void>;

  /** Accounts that were found at the target, set aside while one pass may need them. */
  readonly inventory: Inventory;
}

/** What a listing found, so that accounts which exist are adopted without a look-up each. */
export interface Inventory {
  clear(kind: Kind): Promise<void>;
  add(kind: Kind, found: readonly Found[]): Promise<void>;
  /** At most two: more than one is already no answer. */
  find(kind: Kind, attribute: string, value: string): readonly Found[];
}

// The journal --------------------------------------------------------------------------------------------------------

export interface PassInfo {
  readonly id: number;
  readonly command: string;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  readonly reading: number | undefined;
  readonly result: string | undefined;
  readonly note: string | undefined;
}

/**
 * What an answer means for looking again: `settled`, never mind; `again`, at the next pass; `followUp`, once more in this pass;
 * `uncertain`, at the next pass, and looked up before it is sent.
 */
export type Due = 'settled' | 'again' | 'followUp' | 'uncertain';

export interface Answer {
  readonly outcome: Outcome;
  readonly change: SnapshotChange;
  readonly due: Due;
  /** The target drops whom it has refused from their groups: memberships of somebody who is taken at last are said again. */
  readonly dropsRefused?: boolean;
  readonly requests: number;
  readonly retries: number;
  readonly at: Instant;
}

/** What a planning found that is no operation. */
export interface Note {
  readonly kind: Kind;
  readonly key: SourceKey;
  readonly name: string;
  readonly text: string;
  /** Somebody has to mend something. */
  readonly problem: boolean;
}

/** Which operations a hold applies to. */
export interface HoldChoice {
  readonly phases: readonly number[];
  /** Also take the removals out of membership operations. */
  readonly memberships: boolean;
  /** Also updates that rename. */
  readonly renames: boolean;
}

export interface Journal {
  /** Opens a pass, `isApproved` where an operator lets its removals through; an earlier one that never ended is closed as interrupted, and its unanswered operations become unknown. */
  begin(
    command: string,
    at: Instant,
    isApproved?: boolean,
  ): Promise<{ readonly pass: number; readonly interrupted: number }>;
  end(pass: number, at: Instant, result: string, note: string | undefined): Promise<void>;
  setReading(pass: number, reading: number): Promise<void>;
  summarise(pass: number, target: string, summary: unknown): Promise<void>;
  add(pass: number, target: string, round: number, operations: readonly PlannedOperation[]): Promise<void>;
  note(pass: number, target: string, notes: readonly Note[]): Promise<void>;
  notes(
    pass: number,
    target: string,
    after: number,
    limit: number,
  ): Promise<readonly (Note & { readonly id: number })[]>;
  /**
   * What this round planned is due until it is answered; whatever else its extent looked at is not due any more.
   * That a create was left unanswered is not forgotten.
   */
  makeDue(pass: number, target: string, round: number, extent: Extent): Promise<void>;
  /** Removals that this target has acknowledged since, but for those that an operator let through. */
  removedSince(target: string, since: Instant): Promise<Totals['removals']>;
  /** Orders creates so that a manager is there before those who point to them. @returns how many could not be ordered: they point in a ring */
  orderByManager(pass: number, target: string, round: number, phase: number): Promise<number>;
  hold(pass: number, target: string, round: number, choice: HoldChoice): Promise<void>;
  /** Operations in the order in which they are carried out. */
  operations(
    pass: number,
    target: string,
    round: number,
    after: StoredOperation | undefined,
    limit: number,
  ): Promise<readonly StoredOperation[]>;
  counts(pass: number, target: string, round: number): Promise<Counts>;
  /** What a pass holds for one record: its operations, the memberships that it is part of, and notes. */
  about(
    pass: number,
    target: string,
    kind: Kind,
    key: SourceKey,
  ): Promise<{ readonly operations: readonly StoredOperation[]; readonly notes: readonly Note[] }>;
  /** Whether a removal of this person's memberships, planned in this pass, has not succeeded. */
  membershipsRemain(pass: number, target: string, user: SourceKey): boolean;
  /** How many operations are to be sent: planned, and not held. */
  toSend(pass: number, target: string, round: number): Promise<number>;
  creates(pass: number, target: string, round: number, kind: Kind): Promise<number>;
  /** What the last create of it would have made. */
  unanswered(target: string, kind: Kind, key: SourceKey): Promise<Body | undefined>;
  /** Whether the very same was asked of it in an earlier pass, and failed: whatever is new about a change deserves its own try. */
  failedBefore(operation: number): boolean;
  /** Operations that were planned and never sent because the pass stopped before. */
  skipRest(pass: number, target: string, detail: string): Promise<number>;
  /** Recorded before it is sent; resolves once that is durable against the death of the process. */
  sent(operation: number, at: Instant): Promise<void>;
  /** The answer and what it means for the snapshot, in one commit. */
  answered(pass: number, target: TargetStore, stored: StoredOperation, answer: Answer): Promise<void>;
}

export type { Found, Holder, Lock };
