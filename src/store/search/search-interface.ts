import type { SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';

/** A user or group of the source, or of the journal. */
export interface FoundRecord {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
}

/** Finds users and groups by what the mirror of the source does not show as a value of their record. */
export interface SourceSearch {
  /** Users with this whole value in a joined source, in any letter case. */
  withJoinedValue(text: string): readonly FoundRecord[];
  /**
   * The entries with a DN, in the source and in joined ones.
   *
   * @param normalise makes equal DNs equal texts, as far as that is possible without the schema of the directory
   */
  withDn(dn: string, normalise: (dn: string) => string): readonly FoundRecord[];
  /** Those to whom a unique value is assigned at a target. */
  withUniqueValue(text: string): readonly FoundRecord[];
  /**
   * Those whose account had this name, number or address, and those with an operation that did not succeed and has
   * this value.
   */
  withFormerValue(text: string): readonly FoundRecord[];
  /** The present users and groups, by page. */
  records(after: number, limit: number): { readonly page: readonly SourceRecord[]; readonly next: number | undefined };
}

/** Finds accounts in the snapshot of a target by what they have there. */
export interface AccountSearch {
  knownByName(resourceType: ResourceType, foldedName: string): Promise<readonly KnownState[]>;
  /** By id, or by a whole attribute value in any letter case, without references. Reads all accounts. */
  knownByValue(resourceType: ResourceType, text: string): Promise<readonly KnownState[]>;
}
