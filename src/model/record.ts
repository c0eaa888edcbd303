import type { SourceKey } from './ids.ts';
import type { Kind } from './kind.ts';

/** Attribute name → all its values, in source order. Blank values are left out, so a name with no value is absent. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** One person or group as the source has it. */
export interface SourceRecord {
  readonly kind: Kind;
  readonly key: SourceKey;
  /** The source's own notion of active. Always true for groups. */
  readonly active: boolean;
  readonly attributes: Attributes;
}

/** One membership as the source has it. `member` is the key of a person or, where no person has that key, of a group. */
export interface Edge {
  readonly group: SourceKey;
  readonly member: SourceKey;
}
