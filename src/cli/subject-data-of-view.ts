import type { Config } from '../config/config.ts';
import type { ReadOnlyStore } from '../store/read-only-store.ts';
import type { SubjectData } from '../sync/subjects/find-subjects.ts';
import { joinedNames } from './source/joined-source-reports.ts';

/** The data in which commands that only read search users and groups. */
export const subjectDataOfView = (view: ReadOnlyStore, config: Config): SubjectData => ({
  ...{ mirror: view.mirror, search: view.search, keyChanges: view.keyChanges, joinedSources: joinedNames(config) },
  async withMappedValue(text) {
    const { recordsWithMappedValue } = await import('../sync/subjects/mapped-values.ts');
    const { wireTargets } = await import('./wire.ts');
    return recordsWithMappedValue(view, wireTargets(config), text);
  },
  known: (target, resourceType, key) => view.snapshot(target)?.known(resourceType, key),
  knownByName: async (target, resourceType, name) => view.snapshot(target)?.knownByName(resourceType, name) ?? [],
  knownByValue: async (target, resourceType, text) => view.accountsWithValue(target, resourceType, text),
  formerlyNamed: (resourceType, text) => view.keysNamed(resourceType, text),
});
