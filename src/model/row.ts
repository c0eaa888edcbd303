import type { RejectedSubject } from './reading/rejected-subject.ts';
import type { SourceMembership, EntryReferences, SourceRecord } from './record.ts';

/**
 * The part of the source to which a row belongs. `nested` are groups outside the filter that other groups contain:
 * their members count if nested groups are flattened.
 */
export type SourcePart = 'users' | 'groups' | 'nested' | 'memberships';

/**
 * How much of the source a reading contains. `full`: everything, so a record that is missing in it was removed.
 * `incremental`: what changed since the bookmark.
 */
export type ReadingExtent = 'full' | 'incremental';

/** One row of a part as the source stores it, before it is parsed. */
export interface Row {
  /** Its position, for messages: a line number from 1, or the number of the entry in a directory. */
  readonly line: number;
  /** Digest of its raw bytes, 16 bytes: equal digests mean an unchanged row. */
  readonly digest: Buffer;
}

/** Consecutive rows of a file, by the bytes that contain them. */
export interface RowBlock {
  /** Digest of its bytes, 16 bytes: equal digests mean equal rows. Undefined: it is no block in later readings. */
  readonly digest: Buffer | undefined;
  /** The number of its rows. */
  readonly rows: number;
  /** The number of its lines. */
  readonly lines: number;
}

/** The blocks of the last reading, while a new reading is staged. */
export interface KnownBlocks {
  /** Whether the last reading had this block, and its rows mean what they meant then. */
  has(part: SourcePart, digest: Buffer): boolean;
  /**
   * Takes all rows of a block as read, and as unchanged. Call it in the order of the rows.
   *
   * @returns the number of its lines; undefined: its rows must be read one by one, such as those with a key that an
   * earlier row has
   */
  skip(part: SourcePart, digest: Buffer): Promise<number | undefined>;
}

/** What a row means: a user or group, a membership, or a row that the operator must correct. */
export type ParsedRow =
  | {
      readonly kind: 'record';
      readonly record: SourceRecord;
      /** Keys of the groups in the groups column; undefined if groups do not come from a column. */
      readonly groups: readonly string[] | undefined;
      /** Its handles and references; undefined in a source without handles. */
      readonly entryReferences?: EntryReferences | undefined;
      /**
       * Signs of inactivity that the source shows for this user, whether or not they apply: `accountExpires`. Undefined
       * is the same as none.
       */
      readonly signs?: readonly string[] | undefined;
      /** The cell by which several rows of one user are ordered; undefined: the order of the file decides. */
      readonly order?: string | undefined;
      /** Other rows that a missing quotation mark may have made a part of this one. */
      readonly mayContain?: RejectedRow;
    }
  | { readonly kind: 'membership'; readonly membership: SourceMembership }
  /** The configuration leaves this row out of the source. */
  | {
      readonly kind: 'excluded';
      /** Its key, so that a reference to it does not count as one to nowhere; undefined in memberships. */
      readonly key?: string;
    }
  | RejectedRow;

/** An invalid row. What it could be is kept, although it is absent from the reading. */
export interface RejectedRow {
  readonly kind: 'rejected';
  readonly line: number;
  /** For messages; whether it is certain is stated by `subject`. */
  readonly key: string | undefined;
  readonly reason: string;
  readonly subject: RejectedSubject;
  /** Its bytes are invalid in the configured encoding. */
  readonly isUndecodable?: boolean;
}
