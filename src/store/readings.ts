import type { Instant, SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { SourceRecord, Unsaid } from '../model/record.ts';
import type { ParsedRow, Part, Row } from '../model/row.ts';

export interface Reading {
  readonly number: number;
  readonly at: Instant;
  readonly fingerprint: string;
  readonly shape: string;
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
export type Counted = Exclude<Part, 'nested'>;

export interface Rejection {
  readonly part: Part;
  readonly line: number;
  readonly key: string | undefined;
  readonly reason: string;
}

/** What a reading would make of the mirror, before it is believed. */
export interface IntakeSummary {
  readonly before: Readonly<Record<Counted, number>>;
  /** Rows that the reading holds and that could be believed. With links, memberships are only known once it is believed. */
  readonly after: Readonly<Record<Counted, number>>;
  readonly rejected: number;
  /** The first of the rejected rows. */
  readonly rejections: readonly Rejection[];
  /** Per attribute of people: how many had a value, and how many of those are still there without one. Only attributes that lost any. */
  readonly blanked: readonly { readonly attribute: string; readonly had: number; readonly lost: number }[];
  /** Changes that contradict the mirror, which therefore has missed something: everything must be read. */
  readonly contradiction: string | undefined;
}

export interface IntakeOptions {
  /** `all`: who is not in it is gone; `changes`: only what changed is in it. */
  readonly extent: 'all' | 'changes';
  /** How records that name each other become memberships; undefined where rows name them by key. */
  readonly links: { readonly nested: 'flatten' | 'keep' } | undefined;
  /** Equal bytes may mean other records than last time, so that every row counts as different. */
  readonly parseAll: boolean;
  /** Groups and memberships stand in a column of the people instead of files of their own. */
  readonly groupsFromColumn: boolean;
  /** Attributes of people whose sudden blankness is counted; undefined: all of them. */
  readonly relevant: ReadonlySet<string> | undefined;
}

/** One reading on its way into the mirror: staged aside, and believed as a whole or not at all. */
export interface Intake {
  /** Which of these rows differ from the mirror: the only ones that need parsing. */
  match(part: Part, rows: readonly Row[]): Promise<readonly number[]>;
  take(part: Part, rows: readonly Row[], parsed: readonly ParsedRow[]): Promise<void>;
  /** Records with these handles are gone; handles that nobody has are nobody's. */
  remove(part: Part, handles: readonly string[]): Promise<void>;
  /** What may have changed although nobody said so; undefined where there is nothing of the kind, and in a reading of everything. */
  unsaid(): Promise<Unsaid | undefined>;
  summary(): Promise<IntakeSummary>;
  /** Makes the reading the mirror. */
  believe(reading: NewReading): Promise<Believed>;
  discard(): Promise<void>;
}

export interface Believed {
  /** That of the last reading where nothing changed since. */
  readonly number: number;
  readonly isChanged: boolean;
  /** How many there are now. */
  readonly memberships: number;
}

export interface Mirror {
  last(): Promise<Reading | undefined>;
  intake(options: IntakeOptions): Promise<Intake>;
  counts(): Promise<Readonly<Record<Counted, number>>>;
  record(kind: Kind, key: SourceKey): Promise<SourceRecord | undefined>;
  /** By key, or by a value of any attribute (userName, e-mail address). At most 20. */
  search(text: string): Promise<readonly SourceRecord[]>;
  groupsOf(member: SourceKey): Promise<readonly SourceKey[]>;
  /** A page of the members of a group, in the order of their keys. */
  membersOf(group: SourceKey, after: string, limit: number): Promise<readonly SourceKey[]>;
  /** Members that a group names and that the source does not give: by their handles, and how many there are in all. */
  strangers(group: SourceKey, limit: number): Promise<{ readonly total: number; readonly handles: readonly string[] }>;
}

export type { ParsedRow, Part, Row };
