import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { Operation } from '../../model/operation.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { displayName } from '../../plan/diff.ts';
import { referencesShown, type NameOf } from '../../plan/describe.ts';
import type { Store } from '../../store/store.ts';

/** Looks up the names of the members and managers that the sentence about an operation shows. */
export type NamesOf = (target: string, operation: Operation) => Promise<NameOf>;

/**
 * The names that members and managers have at the target, or get there by this pass; otherwise a name of the source.
 * Where there is none, the plan shows the key.
 */
export function namesOfPlan({ journal, mirror, target: storeOf }: Store, pass: number): NamesOf {
  return async (target, operation) => {
    const store = await storeOf(target);
    const nameOf = async (resourceType: ResourceType, key: SourceKey): Promise<string | undefined> => {
      const known = store.known(resourceType, key);
      const atTarget =
        known === undefined ? await plannedName(target, resourceType, key) : displayName(resourceType, known.body);
      if (atTarget !== '') return atTarget;
      const attributes = (await mirror.record(resourceType, key))?.attributes ?? {};
      return nameAttributes.flatMap((one) => attributes[one] ?? []).find((name) => name !== '');
    };
    const names = new Map<string, string>();
    for (const { resourceType, key } of referencesShown(operation)) {
      const name = await nameOf(resourceType, sourceKey(key));
      if (name !== undefined) names.set(`${resourceType}:${key}`, name);
    }
    return (resourceType, key) => names.get(`${resourceType}:${key}`);
  };

  async function plannedName(target: string, resourceType: ResourceType, key: SourceKey): Promise<string> {
    const { operations } = await journal.recordEntries(pass, target, resourceType, key);
    const own = operations.find(({ operation }) => operation.action !== 'members' && operation.key === key);
    return own?.operation.name ?? '';
  }
}

const nameAttributes = ['userName', 'displayName', 'mail', 'email', 'name'];
