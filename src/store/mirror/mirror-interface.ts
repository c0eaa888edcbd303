import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Attributes, EarlierUse, KeyedRow, SourceRecord, StaleReferences } from '../../model/record.ts';
import type { ParsedRow, SourcePart, Row } from '../../model/row.ts';

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
  /** Where the source can be asked for what changed since; undefined where it cannot. */
  readonly bookmark: string | undefined;
  /** When everything was last read. */
  readonly completed: Instant;
}

export type NewReading = Omit<Reading, 'number' | 'rejected' | 'completed'>;

/** What is counted: nobody asks how many groups there are that only lead to others. */
export type CountedPart = Exclude<SourcePart, 'nested'>;

export interface Rejection {
  readonly part: SourcePart;
  readonly line: number;
  readonly key: string | undefined;
  readonly reason: string;
}

/** What a reading would make of the mirror, before it is believed. */
export interface StagingSummary {
  readonly before: Readonly<Record<CountedPart, number>>;
  /** Rows that the reading holds and that could be believed. With links, memberships are only known once it is believed. */
  readonly after: Readonly<Record<CountedPart, number>>;
  readonly rejected: number;
  /** The first of the rejected rows. */
  readonly rejections: readonly Rejection[];
  /** Per attribute of people: how many had a value, and how many of those are still there without one. Only attributes that lost any. */
  readonly blanked: readonly { readonly attribute: string; readonly had: number; readonly lost: number }[];
  /** Changes that contradict the mirror, which therefore has missed something: everything must be read. */
  readonly inconsistency: string | undefined;
}

export interface StagingOptions {
  /** `all`: who is not in it is gone; `changes`: only what changed is in it. */
  readonly extent: 'all' | 'changes';
  /** How records that name each other become memberships; undefined where rows name them by key. */
  readonly referenceOptions: { readonly nested: 'flatten' | 'keep' } | undefined;
  /** Equal bytes may mean other records than last time, so that every row counts as different. */
  readonly parseAll: boolean;
  /** Groups and memberships stand in a column of the people instead of files of their own. */
  readonly groupsFromColumn: boolean;
  /** The attributes that a user had and has no more, of those that are counted. */
  readonly blankedAttributes: (before: Attributes, now: Attributes) => readonly string[];
  /** Why a row and the earlier row with its key are both rejected; undefined if no earlier row has its key. */
  readonly duplicateKeyReason: (row: KeyedRow, earlier: EarlierUse) => string | undefined;
}

/** One reading on its way into the mirror: staged aside, and believed as a whole or not at all. */
export interface StagedReading {
  /** Which of these rows differ from the mirror: the only ones that need parsing. */
  changedRows(part: SourcePart, rows: readonly Row[]): Promise<readonly number[]>;
  stage(part: SourcePart, rows: readonly Row[], parsed: readonly ParsedRow[]): Promise<void>;
  /** Records with these handles are gone; handles that nobody has are nobody's. */
  stageRemovals(part: SourcePart, handles: readonly string[]): Promise<void>;
  /**
   * Entries whose references may be stale: the server updates group members on rename or delete without reporting the group
   * as changed. Undefined where there are none, and in a full reading.
   */
  staleReferences(): Promise<StaleReferences | undefined>;
  summary(): Promise<StagingSummary>;
  /** Makes the reading the mirror. */
  commit(reading: NewReading): Promise<CommittedReading>;
  discard(): Promise<void>;
}

export interface CommittedReading {
  /** That of the last reading where nothing changed since. */
  readonly number: number;
  readonly isChanged: boolean;
  /** How many there are now. */
  readonly memberships: number;
}

export interface Mirror {
  last(): Promise<Reading | undefined>;
  openStaging(options: StagingOptions): Promise<StagedReading>;
  counts(): Promise<Readonly<Record<CountedPart, number>>>;
  record(resourceType: ResourceType, key: SourceKey): Promise<SourceRecord | undefined>;
  /** By key, or by a value of any attribute (userName, e-mail address). At most 20. */
  search(text: string): Promise<readonly SourceRecord[]>;
  groupsOf(member: SourceKey): Promise<readonly SourceKey[]>;
  /** A page of the members of a group, in the order of their keys. */
  membersOf(group: SourceKey, after: string, limit: number): Promise<readonly SourceKey[]>;
  /** Members that a group names and that the source does not give: by their handles, and how many there are in all. */
  unresolvedMembers(
    group: SourceKey,
    limit: number,
  ): Promise<{ readonly total: number; readonly handles: readonly string[] }>;
}

export type { ParsedRow, SourcePart, Row };
