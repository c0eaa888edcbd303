import type { StateView } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import type { SubjectData } from './find-subjects.ts';
import { recordsWithMappedValue } from './mapped-values.ts';

/**
 * The data in which a pass and commands that write search users and groups.
 *
 * @param targets whose snapshots are searched; they may be more than the configured ones
 */
export async function subjectDataOf(
  store: StateView,
  targets: readonly string[],
  { specs, joinedSources }: { readonly specs: readonly TargetSpec[]; readonly joinedSources: readonly string[] },
): Promise<SubjectData> {
  const stores = new Map(await Promise.all(targets.map(async (name) => [name, await store.target(name)] as const)));
  return {
    ...{ mirror: store.mirror, search: store.search, keyChanges: store.keyChanges, joinedSources },
    withMappedValue: (text) => recordsWithMappedValue(store, specs, text),
    known: (target, resourceType, key) => stores.get(target)?.known(resourceType, key),
    knownByName: async (target, resourceType, name) =>
      (await stores.get(target)?.knownByName(resourceType, name)) ?? [],
    knownByValue: async (target, resourceType, text) =>
      (await stores.get(target)?.knownByValue(resourceType, text)) ?? [],
    formerlyNamed: (resourceType, text) => store.journal.keysNamed(resourceType, text),
  };
}
