import type { Instant } from './ids.ts';
import type { SourceMembership, EntryReferences, SourceRecord } from './record.ts';

/**
 * Which part of the source a row belongs to. `nested` are groups that nobody asked for and that others contain: their members
 * count where nested groups are flattened.
 */
export type SourcePart = 'users' | 'groups' | 'nested' | 'memberships';

export interface Row {
  /** Where it begins, for messages: a line number counted from 1; the number of the entry in a directory. */
  readonly line: number;
  /** 16 bytes. */
  readonly digest: Buffer;
}

export type ParsedRow =
  | {
      readonly kind: 'record';
      readonly record: SourceRecord;
      /** Keys of the groups named in the groups column; undefined where groups do not come from a column. */
      readonly groups: readonly string[] | undefined;
      /** How it and others name each other; undefined in a source without handles. */
      readonly entryReferences?: EntryReferences | undefined;
      /** An active person is inactive from then on, although nothing in the source changes. */
      readonly expiresAt?: Instant | undefined;
    }
  | { readonly kind: 'membership'; readonly membership: SourceMembership }
  /** A row that cannot be believed. With one of them in a reading, nobody counts as gone. */
  | { readonly kind: 'rejected'; readonly line: number; readonly key: string | undefined; readonly reason: string };
