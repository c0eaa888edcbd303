import type { ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';

/** Finds accounts in the snapshot of a target by what they have there. */
export interface AccountSearch {
  knownByName(resourceType: ResourceType, foldedName: string): Promise<readonly KnownState[]>;
  /** By id, or by a whole attribute value in any letter case, without references. Reads all accounts. */
  knownByValue(resourceType: ResourceType, text: string): Promise<readonly KnownState[]>;
}
