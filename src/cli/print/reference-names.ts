import { sourceKey } from '../../model/ids.ts';
import type { Operation } from '../../model/operation.ts';
import { referencesShown, type NameOf } from '../../plan/describe.ts';
import { nameOfRecord } from '../../sync/subjects/name-of-record.ts';
import type { MirrorView, NameAtTarget } from '../../store/store.ts';

/** Looks up the names of the members and managers that the sentence about an operation shows. */
export type NamesOf = (target: string, operation: Operation) => Promise<NameOf>;

/** What knows the names of users and groups: each target, and the source. */
export interface NameData {
  readonly nameAtTarget: NameAtTarget;
  readonly mirror: Pick<MirrorView, 'record'>;
}

/**
 * The names that members and managers have at the target, or get there by a plan, or had there last; otherwise a name
 * of the source. Where there is none, the sentence shows the key.
 */
export const referenceNames =
  ({ nameAtTarget, mirror }: NameData): NamesOf =>
  async (target, operation) => {
    const names = new Map<string, string>();
    for (const { resourceType, key } of referencesShown(operation)) {
      const name =
        nameAtTarget(target, resourceType, key) ?? nameOfRecord(await mirror.record(resourceType, sourceKey(key)));
      if (name !== undefined) names.set(`${resourceType}:${key}`, name);
    }
    return (resourceType, key) => names.get(`${resourceType}:${key}`);
  };
