import { sourceKey } from '../../model/ids.ts';
import type { Operation } from '../../model/operation.ts';
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
    const names = new Map<string, string>();
    for (const { resourceType, key } of referencesShown(operation)) {
      const known = store.known(resourceType, sourceKey(key));
      const { operations } =
        known === undefined
          ? await journal.recordEntries(pass, target, resourceType, sourceKey(key))
          : { operations: [] };
      const own = operations.find((one) => one.operation.action !== 'members' && one.operation.key === key);
      const attributes = (await mirror.record(resourceType, sourceKey(key)))?.attributes ?? {};
      const [name = ''] = [
        known === undefined ? '' : displayName(resourceType, known.body),
        own?.operation.name ?? '',
        ...['userName', 'displayName', 'mail', 'email', 'name'].flatMap((one) => attributes[one] ?? []),
      ].filter((one) => one !== '');
      if (name !== '') names.set(`${resourceType}:${key}`, name);
    }
    return (resourceType, key) => names.get(`${resourceType}:${key}`);
  };
}
