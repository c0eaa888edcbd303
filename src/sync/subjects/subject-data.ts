import type { Store } from '../../store/store.ts';
import type { SubjectData } from './find-subjects.ts';

/** The data in which a pass and commands that write search users and groups. */
export async function subjectDataOf(store: Store, targets: readonly string[]): Promise<SubjectData> {
  const stores = new Map(await Promise.all(targets.map(async (name) => [name, await store.target(name)] as const)));
  return {
    mirror: store.mirror,
    keyChanges: store.keyChanges,
    known: (target, resourceType, key) => stores.get(target)?.known(resourceType, key),
    knownByName: async (target, resourceType, name) =>
      (await stores.get(target)?.knownByName(resourceType, name)) ?? [],
    knownByValue: async (target, resourceType, text) =>
      (await stores.get(target)?.knownByValue(resourceType, text)) ?? [],
    formerlyNamed: (resourceType, text) => store.journal.keysNamed(resourceType, text),
  };
}
