import type { SourceKey } from './ids.ts';
import type { ResourceType } from './resource-type.ts';

/** Attribute name → all its values, in source order. Blank values are left out, so a name with no value is absent. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** One person or group as the source has it. */
export interface SourceRecord {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** The source's own notion of active. Always true for groups. */
  readonly active: boolean;
  readonly attributes: Attributes;
}

/** One membership as the source has it. `member` is the key of a person or, where no person has that key, of a group. */
export interface SourceMembership {
  readonly group: SourceKey;
  readonly member: SourceKey;
}

/**
 * How the records of a directory name each other. A handle is a text by which a record is named: its identity `id:…`, its folded
 * DN `dn:…`, its login `login:…`, the last part of its SID `rid:…`. Handles change, keys do not.
 */
export interface EntryReferences {
  /** By what others may name this record. */
  readonly handles: readonly string[];
  /** Handles of the members that a group names. */
  readonly members: readonly string[];
  /** Handles of the groups that the record itself says it is in. */
  readonly groups: readonly string[];
  /** Attribute → handle of the record that it names. In the mirror the attribute holds that record's key, and nothing while nobody has that handle. */
  readonly attributeReferences: Readonly<Record<string, string>>;
}

/** A record by the handle of its identity, and the part of the source that it belongs to. */
export interface EntryRef {
  readonly part: 'users' | 'groups' | 'nested';
  readonly handle: string;
}

/** Of what a source may not have said a word, although it told what changed. */
export interface StaleReferences {
  /** They name a handle that changed hands. */
  readonly referrers: readonly EntryRef[];
  /** They bear a name that they did not bear: whoever names them by it may have changed too. */
  readonly renamedEntries: readonly EntryRef[];
}
