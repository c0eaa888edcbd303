import type { Attributes, StaleReferences } from '../model/record.ts';
import type { ParsedRow, SourcePart, Row } from '../model/row.ts';

/** What people and groups have. */
export interface Columns {
  /** Names of the attributes; empty where they cannot be listed, and any name may be right. */
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** What a mapping is by default: SCIM path → expression; undefined: columns that are named like SCIM attributes map themselves. */
  readonly mapping?:
    { readonly user: Readonly<Record<string, string>>; readonly group: Readonly<Record<string, string>> } | undefined;
}

/** Which attributes the mappings, scopes and keys need; undefined where an expression computes a name, so that all are needed. */
export interface UsedAttributes {
  readonly users: ReadonlySet<string> | undefined;
  readonly groups: ReadonlySet<string> | undefined;
}

/**
 * Where people and groups come from.
 *
 * A reading is given as rows with a digest of their raw bytes, so that a row that did not change since the last
 * reading is never parsed. Reading ends normally only if it was complete; otherwise it throws IncompleteReading.
 */
export interface Source {
  /** What it is, for messages: "CSV files people.csv, teams.csv". */
  readonly label: string;
  /** Opens the source. Reads as little as is needed to know its attributes. @throws IncompleteReading */
  open(signal: AbortSignal): Promise<OpenSource>;
  /**
   * Calls `changed` soon after anything in the source changed, until the signal is aborted; a call too many is harmless.
   * Lost connections are taken up again by itself, and `disconnected` is told why. Undefined where the source cannot be watched.
   *
   * @param since the bookmark of the last believed reading, as it is at that moment
   */
  watch?(since: () => Promise<string | undefined>, listener: ChangeListener, signal: AbortSignal): Promise<void>;
}

export interface ChangeListener {
  /** From now on every change is heard. */
  readonly listening: () => void;
  readonly changed: () => void;
  /** `retryInMs` is undefined where there is no use in trying again. */
  readonly disconnected: (reason: string, retryInMs: number | undefined) => void;
}

export interface OpenSource {
  readonly columns: Columns;
  /** Sentences about what the source offers, for `scimsync check`. */
  readonly capabilities: readonly string[];
  /** Changes whenever anything in the source changes, so that equal fingerprints need no reading; undefined where only reading can tell. */
  readonly fingerprint: string | undefined;
  /** How memberships are found: undefined where rows of their own, or the people's, name them by key. */
  readonly referenceOptions: ReferenceOptions | undefined;
  /**
   * Changes whenever equal raw bytes could mean another record: other columns, key, delimiter, encoding, `active`, or attributes used.
   */
  signature(usedAttributes: UsedAttributes): string;
  /**
   * The parts are given in the order in which they are to be read: users, groups, nested, memberships. A part that is not configured is left out.
   *
   * @param since a bookmark of an earlier reading with the same signature: what did not change since need not be read; undefined: everything is read
   */
  read(usedAttributes: UsedAttributes, since: string | undefined, signal: AbortSignal): Promise<SourceReading>;
  close(): Promise<void>;
}

/** How records that name each other by handles become memberships. */
export interface ReferenceOptions {
  /** `flatten`: whoever is in a group inside a group is in the group; `keep`: the inner group is the member. */
  readonly nested: 'flatten' | 'keep';
}

export interface SourceReading {
  /** `all`: whoever is not in it is gone. `changes`: only what changed since the bookmark is in it. */
  readonly extent: 'all' | 'changes';
  /** Why everything is read although changes were asked for. */
  readonly fullReadReason?: string | undefined;
  readonly batches: AsyncIterable<RowBatch>;
  /**
   * Reads once more, after the last batch of a reading of changes, what a source need not say a word of: the referrers, and whoever names the renamed
   * ones now; but nothing that this reading gave already. Undefined where everything is read, and in a source without handles.
   */
  reread?(staleReferences: StaleReferences, signal: AbortSignal): AsyncIterable<RowBatch>;
  /** Where the next reading can go on. Asked for after the last batch; undefined where it cannot. */
  bookmark(): string | undefined;
}

/** Some rows of one part, in source order. */
export interface RowBatch {
  readonly part: SourcePart;
  readonly rows: readonly Row[];
  /** Parses the rows with these indices (into `rows`), in that order. Called at most once, before the next batch is asked for. */
  parse(indices: readonly number[]): readonly ParsedRow[];
  /** Handles of records that are gone, in a reading of changes. Unknown ones are nobody's. */
  readonly removed?: readonly string[] | undefined;
}

export type { Attributes, ParsedRow, SourcePart, Row };
