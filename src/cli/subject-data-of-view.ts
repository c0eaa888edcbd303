import type { ReadOnlyStore } from '../store/read-only-store.ts';
import type { SubjectData } from '../sync/subjects/find-subjects.ts';

/** The data in which commands that only read search users and groups. */
export const subjectDataOfView = (view: ReadOnlyStore): SubjectData => ({
  mirror: view.mirror,
  keyChanges: view.keyChanges,
  known: (target, resourceType, key) => view.snapshot(target)?.known(resourceType, key),
  knownByName: async (target, resourceType, name) => view.snapshot(target)?.knownByName(resourceType, name) ?? [],
  knownByValue: async (target, resourceType, text) => view.accountsWithValue(target, resourceType, text),
  formerlyNamed: (resourceType, text) => view.keysNamed(resourceType, text),
});
