import type { Instant, SourceKey } from './ids.ts';
import type { ResourceType } from './resource-type.ts';

/** Attribute name → all its values, in source order. Blank values are omitted, so a name without values is absent. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** One user or group as the source contains it. */
export interface SourceRecord {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** Active by the source's definition, apart from dates. Always true for groups. */
  readonly active: boolean;
  /** From then on the user has access; undefined: from the beginning. `active` does not depend on it. */
  readonly validFrom?: Instant | undefined;
  /** From then on the user has no access; undefined: no end. `active` does not depend on it. */
  readonly validTo?: Instant | undefined;
  /** The user's own time zone; undefined: that of the source. */
  readonly zone?: string | undefined;
  readonly attributes: Attributes;
  /** The groups that a user is in, directly or through other groups. Undefined: they were not looked up. */
  readonly groups?: readonly UserMembership[] | undefined;
  /** A rejected row keeps this record as it was; undefined: none does. */
  readonly doubt?: RecordDoubt | undefined;
  /** What a user has in joined sources, by their names. A source that is not in it was not compared with the user. */
  readonly joined?: Readonly<Record<string, JoinedRecord>> | undefined;
}

/**
 * The record of a joined source that belongs to a user of the primary source.
 *
 *     joined      exactly one record has the join value of the user
 *     missing     no record has it, or the user has none
 *     ambiguous   several records or several users have it, so no record is joined
 *     unknown     the last accepted reading of the source lacks attributes that are used now
 */
export interface JoinedRecord {
  readonly state: 'joined' | 'missing' | 'ambiguous' | 'unknown';
  /** The value of the join; undefined: the user has none. */
  readonly value?: string | undefined;
  /** The key of the record in the joined source. */
  readonly key?: string | undefined;
  /** Empty if no record is joined. */
  readonly attributes: Attributes;
}

/** A group of the source that a user is in, directly or through other groups. */
export interface UserMembership {
  readonly group: SourceRecord;
  /** A rejected row may have ended the membership: it keeps the access that the user has, and gives no new access. */
  readonly isInDoubt: boolean;
}

/** Why a record of the mirror may differ from the source: a row of the last reading was rejected. */
export interface RecordDoubt {
  /** When a rejected row first kept it. */
  readonly since: Instant;
  /** The line of the row. */
  readonly line: number;
  /** The reading does not contain the record, and the row could be it. Otherwise the row is certainly this record. */
  readonly isAbsent: boolean;
}

/** One membership in the source. `member` is the key of a user or, if no user has that key, of a group. */
export interface SourceMembership {
  readonly group: SourceKey;
  readonly member: SourceKey;
}

/**
 * How the records of a directory reference each other. A handle is a text that identifies a record: its id `id:…`, its
 * normalised DN `dn:…`, its login name `login:…`, the last part of its SID `rid:…`. Handles can change, keys cannot.
 */
export interface EntryReferences {
  /** The handles of this record. */
  readonly handles: readonly string[];
  /** Handles of the members of a group. */
  readonly members: readonly string[];
  /** Handles of the groups that the record itself references. */
  readonly groups: readonly string[];
  /** Attribute → handle of the referenced record. In the mirror the attribute holds that record's key, if it exists. */
  readonly attributeReferences: Readonly<Record<string, string>>;
}

/** A record by the handle of its id, and its part of the source. */
export interface EntryRef {
  readonly part: 'users' | 'groups' | 'nested';
  readonly handle: string;
}

/** Entries that may have changed although the source did not report them. */
export interface StaleReferences {
  /** They reference a handle that now belongs to another record. */
  readonly referrers: readonly EntryRef[];
  /** They have a new name: entries that reference it may have changed too. */
  readonly renamedEntries: readonly EntryRef[];
}

/** A row of a reading with its key: a line of a file, or an entry of a directory with its DN. */
export type KeyedRow =
  | { readonly kind: 'line'; readonly key: string }
  | { readonly kind: 'entry'; readonly key: string; readonly dn: string | undefined };

/** How a reading used a key before the row that is read now. */
export interface EarlierUse {
  /** Line of the row that is staged with this key. */
  readonly stagedLine: number | undefined;
  /** Rows with this key were rejected as duplicates. */
  readonly isRejected: boolean;
  /** The reading contained the record that the mirror has under this key, changed or unchanged. */
  readonly isSeen: boolean;
  /** Looks up the DN of the staged or mirrored entry with this key. */
  dn(): string | undefined;
}
