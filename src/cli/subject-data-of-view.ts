import type { Config } from '../config/config.ts';
import type { ReadOnlyStore } from '../store/read-only-store.ts';
import type { SubjectData } from '../sync/subjects/find-subjects.ts';
import { recordsWithMappedValue } from '../sync/subjects/mapped-values.ts';
import { joinedNames } from './source/joined-source-reports.ts';
import { wireTargets } from './wire.ts';

/** The data in which commands that only read search users and groups. */
export const subjectDataOfView = (view: ReadOnlyStore, config: Config): SubjectData => ({
  ...{ mirror: view.mirror, search: view.search, keyChanges: view.keyChanges, joinedSources: joinedNames(config) },
  withMappedValue: (text) => recordsWithMappedValue(view, wireTargets(config), text),
  known: (target, resourceType, key) => view.snapshot(target)?.known(resourceType, key),
  knownByName: async (target, resourceType, name) => view.snapshot(target)?.knownByName(resourceType, name) ?? [],
  knownByValue: async (target, resourceType, text) => view.accountsWithValue(target, resourceType, text),
  formerlyNamed: (resourceType, text) => view.keysNamed(resourceType, text),
});
