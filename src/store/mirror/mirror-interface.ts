import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Judgement, ReadingFacts } from '../../model/reading/judgement.ts';
import type { DanglingReference, ReferenceKind, ReferenceReport } from '../../model/reading/references.ts';
import type { Attributes, EarlierUse, KeyedRow, SourceRecord, StaleReferences } from '../../model/record.ts';
import type { UserGroupLookup } from '../user-groups/user-groups-interface.ts';
import type { FoundKeyChanges, KeyChangeRules } from '../identity/key-change-store-interface.ts';
import type { RowChoice } from '../../model/reading/row-choice.ts';
import type { RejectedRows, Rejection } from '../../model/reading/rejected-row.ts';
import type { KnownBlocks, ParsedRow, ReadingExtent, Row, RowBlock, SourcePart } from '../../model/row.ts';

/** One committed read of the source. */
export interface Reading {
  readonly number: number;
  readonly at: Instant;
  readonly fingerprint: string;
  readonly signature: string;
  readonly columns: {
    readonly users: readonly string[];
    readonly groups: readonly string[];
    readonly mapping?:
      { readonly user: Readonly<Record<string, string>>; readonly group: Readonly<Record<string, string>> } | undefined;
  };
  readonly rejected: number;
  /** The position from which the next incremental read continues; undefined if the source does not support one. */
  readonly bookmark: string | undefined;
  /** Time of the last full reading. */
  readonly completed: Instant;
  readonly facts: ReadingFacts;
}

/** A reading before its commit. */
export type NewReading = Omit<Reading, 'number' | 'rejected' | 'completed'>;

/** The parts that are counted. `nested` groups only connect other groups and are not counted. */
export type CountedPart = Exclude<SourcePart, 'nested'>;

/** The parts whose records have attributes that are compared. */
export type ComparedPart = Exclude<CountedPart, 'memberships'>;

/** A sign of inactivity that users showed in the mirror and do not show in this reading. */
export interface LostSign {
  readonly sign: string;
  /** Users who showed it in the mirror. */
  readonly had: number;
  /** Users of this reading who showed it and no longer do. */
  readonly lost: number;
  /** Names of the first three of them. */
  readonly names: readonly string[];
  /** Handles of the immutable IDs of the first of them; empty in a source without handles. */
  readonly handles: readonly string[];
  /** Those of them who were inactive and are active now. */
  readonly reactivated: number;
  /** Users who would show it after the commit. */
  readonly remaining: number;
  /** Users who show it among the changed rows of this reading. */
  readonly shown: number;
}

/** Groups that had members in the mirror and name none in this reading, in a source with handles. */
export interface EmptiedGroups {
  readonly emptied: number;
  /** The normalised DNs of the first three of them. */
  readonly names: readonly string[];
  /** Handles of the immutable IDs of the first of them. */
  readonly handles: readonly string[];
  /** Groups that would name members after the commit. */
  readonly remaining: number;
  /** Groups that name members among the changed rows of this reading. */
  readonly shown: number;
}

/** The effect that a reading would have on the mirror, for the plausibility checks before the commit. */
export interface StagingSummary {
  readonly before: Readonly<Record<CountedPart, number>>;
  /** Accepted rows of the reading. In a directory, the number of memberships is known only after the commit. */
  readonly after: Readonly<Record<CountedPart, number>>;
  /** Records of the mirror that the source reported as deleted, in an incremental reading. */
  readonly reportedDeletions: number;
  readonly rejected: number;
  /** The first of the rejected rows. */
  readonly rejections: readonly Rejection[];
  /** Rows among the rejected ones whose bytes are invalid in the configured encoding. */
  readonly undecodable: number;
  /** Attributes that lost values: `had` records had a value, `lost` of them are in the reading without one. */
  readonly blanked: readonly {
    readonly part: ComparedPart;
    readonly attribute: string;
    readonly had: number;
    readonly lost: number;
  }[];
  readonly lostSigns: readonly LostSign[];
  /** undefined: no group lost all its members. */
  readonly emptiedGroups: EmptiedGroups | undefined;
  /**
   * Of the users who were inactive and are in the reading: those who are active in it, and those who stay inactive.
   * A reading of changes counts none.
   */
  readonly activated: { readonly users: number; readonly stillInactive: number };
  /** The next moment at which a date decides between several rows of a user; undefined: there is none. */
  readonly chooseAgainAt: Instant | undefined;
  /** Active users who had left the source. */
  readonly returned: number;
  /** Handles of the first active users who were inactive or had left; empty in a source without handles. */
  readonly leaversBack: readonly string[];
  /** Records that this reading garbles, and the records with a value beyond ASCII; counted only if there are any. */
  readonly garbled: { readonly records: number; readonly nonAscii: number };
  /** Groups of a column whose names have several spellings in the parsed rows; the first of them. */
  readonly groupSpellings: readonly { readonly group: string; readonly spellings: readonly string[] }[];
  /** Why the changes contradict the mirror. It has then missed a change, and a full reading is required. */
  readonly inconsistency: string | undefined;
}

/** The managers that users name by key, in a source without handles. */
export interface ManagerNames {
  /** Changes whenever a user may have other managers for the same attributes. */
  readonly rules: string;
  readonly namesOf: (user: SourceRecord) => readonly string[];
}

/** How a reading is staged. */
export interface StagingOptions {
  /** The time of the reading: users outside their period count as inactive. By default no user is outside. */
  readonly at?: Instant | undefined;
  readonly extent: ReadingExtent;
  /** How references by handle become memberships; undefined if the rows contain keys. */
  readonly referenceOptions: { readonly nested: 'flatten' | 'keep' } | undefined;
  /** Parse every row: equal bytes may mean different records than in the last reading. */
  readonly parseAll: boolean;
  /** Groups and memberships come from a column of the users, not from files of their own. */
  readonly groupsFromColumn: boolean;
  /** Which of the counted attributes of a record have lost their value. */
  readonly blankedAttributes: (part: ComparedPart, before: Attributes, now: Attributes) => readonly string[];
  /** The signs of inactivity that count; by default none. */
  readonly signs?: readonly string[];
  /** Whether a reading garbles a record, as text in a wrong encoding; by default never. */
  readonly isNewlyGarbled?: (before: Attributes | undefined, now: Attributes) => boolean;
  /** Why a row and the earlier row with its key are both rejected; undefined if no earlier row has its key. */
  readonly duplicateKeyReason: (row: KeyedRow, earlier: EarlierUse) => string | undefined;
  /** Whether a row of a user replaces an earlier one with its key; undefined: both are rejected if they differ. */
  readonly replacesEarlierRow?: ((row: RowChoice, earlier: RowChoice) => boolean | undefined) | undefined;
  /** Decides which absent records the rejected rows of this reading could be. */
  readonly rejectedRows: RejectedRows;
  /** Undefined: no target maps managers, or references have handles. */
  readonly managers?: ManagerNames | undefined;
  /** The userName or displayName of a record; undefined if it has none. */
  readonly nameOf: (record: SourceRecord) => string | undefined;
}

/** What the rejected rows of the last reading keep. */
export interface RejectionReport {
  readonly rejected: { readonly total: number; readonly rows: readonly StoredRejection[] };
  /** Users and groups that are absent from the source and not removed, because a rejected row could be one of them. */
  readonly waiting: { readonly total: number; readonly records: readonly WaitingRecord[] };
  /** Memberships that are not removed for that reason. */
  readonly waitingMemberships: number;
}

/** A rejected row, and when it was first rejected. */
export interface StoredRejection extends Rejection {
  readonly since: Instant;
}

/** A user or group whose removal waits for the correction of a rejected row. */
export interface WaitingRecord {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly name: string;
  readonly since: Instant;
  /** The line of the row. */
  readonly line: number;
}

/**
 * A reading in temporary tables, which is committed to the mirror completely or not at all. What it stages is part of
 * the caller's transaction, so each batch is staged in a transaction: the rollback of another lane takes nothing back.
 */
export interface StagedReading {
  /** The blocks that need not be read row by row. */
  readonly blocks: KnownBlocks;
  /**
   * Indices of the rows that differ from the mirror. Only these need parsing.
   *
   * @param blocks the blocks that contain the rows; undefined in a source without blocks
   */
  changedRows(part: SourcePart, rows: readonly Row[], blocks?: readonly RowBlock[]): Promise<readonly number[]>;
  stage(part: SourcePart, rows: readonly Row[], parsed: readonly ParsedRow[]): Promise<void>;
  /** Stages the removal of the records with these handles. Ignores handles without a record. */
  stageRemovals(part: SourcePart, handles: readonly string[]): Promise<void>;
  /**
   * Entries whose references may be stale: the server updates group members on rename or delete without reporting the
   * group as changed. Undefined if there are no such entries, and in a full reading.
   */
  staleReferences(): Promise<StaleReferences | undefined>;
  /**
   * Pairs the new users and groups with the vanished ones that seem to be the same; call it after the last batch and
   * before `summary`. @returns the numbers of pairs
   */
  findKeyChanges(rules: KeyChangeRules): Promise<FoundKeyChanges>;
  /** Takes the pairs out of the reading, until an operator decides. */
  withholdKeyChanges(at: Instant): Promise<void>;
  /** Moves accounts and history of the pairs to their new keys. */
  relinkKeyChanges(at: Instant): Promise<void>;
  summary(): Promise<StagingSummary>;
  /**
   * Remembers what it counted. @returns a function that takes back what the methods above and `commit` counted since
   * then, after a rollback of what they wrote
   */
  remember(): () => void;
  /** Commits the reading to the mirror. */
  commit(reading: NewReading): Promise<CommittedReading>;
  discard(): Promise<void>;
}

/** The result of a commit to the mirror. */
export interface CommittedReading {
  /** The number of this reading, or of the previous one if nothing changed. */
  readonly number: number;
  readonly isChanged: boolean;
  /** The number of memberships in the mirror. */
  readonly memberships: number;
  /** The references between records; undefined: no record changed, so they are those of the last reading. */
  readonly references: ReferenceReport | undefined;
}

/** A record with the handles of its entry; a source without handles has none. */
export interface NamedRecord extends Pick<SourceRecord, 'key' | 'attributes'> {
  readonly resourceType: ResourceType | 'Nested';
  readonly handles: readonly string[];
}

/** The source as last read completely. */
export interface MirrorView {
  last(): Promise<Reading | undefined>;
  /** The rejected rows of the last reading and what they keep, the first `limit` of each. */
  rejectionReport(limit: number): Promise<RejectionReport>;
  counts(): Promise<Readonly<Record<CountedPart, number>>>;
  /** The names that point to no record, as the commit counted them, the most frequent first. */
  danglingReferences(kind: ReferenceKind, limit: number): Promise<readonly DanglingReference[]>;
  /** All present users, groups and nested groups, by page, for a comparison with names that point to no record. */
  forEachRecord(visit: (record: NamedRecord) => void): Promise<void>;
  /** The values beyond ASCII of the first `limit` present records that have one. */
  valuesBeyondAscii(limit: number): Promise<readonly string[]>;
  record(resourceType: ResourceType, key: SourceKey): Promise<SourceRecord | undefined>;
  /** Finds records by key, or by a value of any attribute (userName, e-mail address). Returns at most 20. */
  search(text: string): Promise<readonly SourceRecord[]>;
  groupsOf(member: SourceKey): Promise<readonly SourceKey[]>;
  /** Opens a look-up of the groups that users are in, directly or through other groups. */
  openUserGroups(): UserGroupLookup;
  /** The groups between a user and each of these groups, the one that contains the user first; for explanations. */
  membershipPaths(user: SourceKey): Promise<ReadonlyMap<SourceKey, readonly SourceKey[]>>;
  /** A page of the members of a group, in the order of their keys. */
  membersOf(group: SourceKey, after: string, limit: number): Promise<readonly SourceKey[]>;
  /** The handles of a group's members that match no record of the source: the first handles, and the total number. */
  unresolvedMembers(
    group: SourceKey,
    limit: number,
  ): Promise<{ readonly total: number; readonly handles: readonly string[] }>;
}

/** The source as last read completely, and the next reading of it. */
export interface Mirror extends MirrorView {
  openStaging(options: StagingOptions): Promise<StagedReading>;
  /** Adds what is reported about the last reading to its facts. */
  report(judgements: readonly Judgement[]): Promise<void>;
  /** Replaces the validator of the last reading. */
  saveValidator(validator: ReadingFacts['validator']): Promise<void>;
}

export type { ParsedRow, Rejection, SourcePart, Row };
