import type { Attributes, StaleReferences } from '../model/record.ts';
import type { Instant } from '../model/ids.ts';
import type { Judgement } from '../model/reading/judgement.ts';
import type { SourcePosition } from '../model/reading/source-position.ts';
import type { KnownBlocks, ParsedRow, ReadingExtent, Row, RowBlock, SourcePart } from '../model/row.ts';

/** The attributes of users and groups. */
export interface Columns {
  /** Attribute names; empty where the source cannot list them, and any name may be valid. */
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** The default mapping: SCIM path → expression; undefined: columns named like SCIM attributes map to themselves. */
  readonly mapping?:
    { readonly user: Readonly<Record<string, string>>; readonly group: Readonly<Record<string, string>> } | undefined;
}

/**
 * The attributes that mappings, scopes and keys need; undefined where an expression computes a name, so that all are
 * needed.
 */
export interface UsedAttributes {
  readonly users: ReadonlySet<string> | undefined;
  readonly groups: ReadonlySet<string> | undefined;
}

/**
 * The system that users and groups come from.
 *
 * A reading consists of rows with a digest of their raw bytes, so that a row that has not changed since the last
 * reading is never parsed. The iteration ends normally only after a complete reading; otherwise it throws
 * IncompleteReading.
 */
export interface Source {
  /** Name for messages: "CSV files people.csv, teams.csv". */
  readonly label: string;
  /** Opens the source, and reads only what is needed to know its attributes. @throws IncompleteReading */
  open(signal: AbortSignal): Promise<OpenSource>;
  /**
   * The same, unless the source states that it is as it was in an earlier reading. Undefined where it cannot state it.
   *
   * @param validator what the open source had in that reading
   */
  openIfChanged?(validator: string, signal: AbortSignal): Promise<OpenSource | 'unchanged'>;
  /**
   * Waits until the source is no longer being written, for a pass that no change and no person started. Undefined where
   * it is always complete.
   *
   * @throws IncompleteReading if it does not come to rest
   */
  settle?(signal: AbortSignal): Promise<void>;
  /**
   * Calls `changed` soon after a change in the source, until the signal is aborted; additional calls are harmless. It
   * reconnects after a lost connection, and reports the reason by `disconnected`. Undefined where the source cannot be
   * watched.
   *
   * @param since returns the current bookmark of the last accepted reading
   */
  watch?(since: () => Promise<string | undefined>, listener: ChangeListener, signal: AbortSignal): Promise<void>;
}

/** Receives what a live source reports to the daemon. */
export interface ChangeListener {
  /** From now on every change is reported. */
  readonly listening: () => void;
  readonly changed: () => void;
  /** `retryInMs` is undefined where the watch has ended for good. */
  readonly disconnected: (reason: string, retryInMs: number | undefined) => void;
}

/** A source that is ready to be read; `close` ends its connections. */
export interface OpenSource {
  readonly columns: Columns;
  /** Sentences about what the source supports, for `scimsync check`. */
  readonly capabilities: readonly string[];
  /**
   * Changes with every change in the source, so that an equal fingerprint needs no reading; undefined where the source
   * has none.
   */
  readonly fingerprint: string | undefined;
  /** By which the source recognises later whether it has changed; undefined: it does not. */
  readonly validator?: string | undefined;
  /** How users show that they are inactive; undefined: by nothing that can vanish. */
  readonly signs?: InactivitySigns | undefined;
  /** The kind of directory that `auto` found; undefined where the configuration states it, and for files. */
  readonly detectedDirectory?: string | undefined;
  /**
   * The column that decides who is active although the configuration does not name it, among these columns. Undefined
   * where the configuration decides, and for a directory.
   */
  activeColumn?(columns: readonly string[]): string | undefined;
  /** The bytes are valid in another encoding in which the configured one hardly ever is: UTF-8. */
  readonly isMisread?: boolean | undefined;
  /** Whether `now` is what the bytes of `before` are in the encoding of the source, if they were written in another. */
  readonly isMisreading?: ((before: string, now: string) => boolean) | undefined;
  /**
   * Reads a sample.
   *
   * @param known values beyond ASCII that the source had before
   * @returns the encoding in which the sample is plausible text and has most of these values; undefined: the configured
   * one, or none
   */
  fittingEncoding?(known: readonly string[], signal: AbortSignal): Promise<string | undefined>;
  /** The server that is read, for messages; undefined for files. */
  readonly server?: string | undefined;
  /** How far the directory has come; undefined where it does not show it, and for files. */
  readonly position?: SourcePosition | undefined;
  /** The files of an export; undefined for a directory. */
  readonly files?: readonly SourceFile[] | undefined;
  /** How memberships are resolved; undefined where rows state them by key. */
  readonly referenceOptions: ReferenceOptions | undefined;
  /**
   * Changes whenever equal raw bytes could become another record: other columns, key, delimiter, encoding, `active`, or
   * used attributes.
   */
  signature(usedAttributes: UsedAttributes): string;
  /**
   * Yields the parts in this order: users, groups, nested, memberships. Parts that are not configured are omitted.
   *
   * @param since a bookmark of an earlier reading with the same signature, for an incremental read; undefined: a full
   * read
   */
  read(usedAttributes: UsedAttributes, since: string | undefined, signal: AbortSignal): Promise<SourceReading>;
  close(): Promise<void>;
}

/** A file of an export. */
export interface SourceFile {
  readonly part: SourcePart;
  readonly name: string;
  readonly modifiedAt: Instant;
  readonly endsWithLineBreak: boolean;
}

/** The attributes by which users show that they are inactive. */
export interface InactivitySigns {
  readonly names: readonly string[];
  /** Whether the source can hide a value, as access rules of a directory do. */
  readonly mayBeHidden: boolean;
}

/** How references by handles become memberships. */
export interface ReferenceOptions {
  /**
   * `flatten`: members of a nested group are members of the outer group; `keep`: the nested group itself is the member.
   */
  readonly nested: 'flatten' | 'keep';
}

/** One read of the source, in batches. */
export interface SourceReading {
  readonly extent: ReadingExtent;
  /** Why a full read replaces the requested incremental one. */
  readonly fullReadReason?: string | undefined;
  /** What the source itself shows about this read, before a row is read. */
  readonly judgements?: readonly Judgement[] | undefined;
  readonly batches: AsyncIterable<RowBatch>;
  /** The same batches without the blocks that `known` takes as read. Undefined in a source without blocks. */
  batchesBeside?(known: KnownBlocks): AsyncIterable<RowBatch>;
  /**
   * After the last batch of an incremental read, reads entries again that the source may have changed without reporting
   * it: the referrers, and the entries that reference a renamed entry by its new name. Entries of this reading are not
   * repeated. Undefined in a full read, and in a source without handles.
   */
  reread?(staleReferences: StaleReferences, signal: AbortSignal): AsyncIterable<RowBatch>;
  /**
   * Counts the users and groups that the account can see now: evidence for the deletions that an incremental read
   * reports. Undefined in a full read, and in a source without incremental reads. @throws IncompleteReading
   */
  countVisible?(signal: AbortSignal): Promise<{ readonly users: number; readonly groups: number }>;
  /**
   * Counts the users whose entries have not changed since the last reading, by the server's own count of changes.
   * Undefined where it does not count them. @throws IncompleteReading
   */
  countUnchanged?(handles: readonly string[], since: LastReading, signal: AbortSignal): Promise<number>;
  /**
   * What the server proves about entries that lost the values of an attribute. Undefined where it proves nothing.
   * @throws IncompleteReading
   */
  proveAbsence?(question: AbsenceQuestion, signal: AbortSignal): Promise<'proven' | 'refuted' | 'unknown'>;
  /**
   * Where the next incremental read starts; called after the last batch. Undefined where the next read must be a full
   * one.
   */
  bookmark(): string | undefined;
}

/** How far the source had come in the last reading. */
export interface LastReading {
  readonly position: SourcePosition | undefined;
  readonly bookmark: string | undefined;
}

/** Whether entries lack values, or the account may not read them. */
export interface AbsenceQuestion {
  readonly part: 'users' | 'groups';
  /** undefined: the attributes with the members of a group. */
  readonly attribute: string | undefined;
  /** Handles of the immutable IDs of all the entries. */
  readonly handles: readonly string[];
}

/** Some rows of one part, in source order. */
export interface RowBatch {
  readonly part: SourcePart;
  readonly rows: readonly Row[];
  /** The blocks that contain these rows, in their order; undefined in a source without blocks. */
  readonly blocks?: readonly RowBlock[] | undefined;
  /**
   * Parses the rows with these indices (into `rows`), in that order. Called at most once, before the next batch is
   * requested.
   */
  parse(indices: readonly number[]): readonly ParsedRow[];
  /** Handles of deleted records, in an incremental read. Unknown handles are ignored. */
  readonly removed?: readonly string[] | undefined;
}

export type { Attributes, KnownBlocks, ParsedRow, SourcePart, Row, RowBlock };
