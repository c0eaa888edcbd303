import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { requireSubject, type Subject, type SubjectQuery } from '../../sync/subjects/find-subjects.ts';
import { selectTargets } from '../program/selection-flags.ts';
import { subjectDataOfView } from '../subject-data-of-view.ts';

/** The state, where a command needs one. @throws OperatorError if there is none yet */
export function requireView(
  view: ReadOnlyStore | undefined,
  { state }: Pick<Config, 'state'>,
  resourceType: ResourceType,
): ReadOnlyStore {
  if (view !== undefined) return view;
  throw new OperatorError('state.missing', `there is no state at ${state} yet, so no ${resourceType} is known`);
}

/**
 * The one user or group that the text means: in the source, at a target that the configuration or only the state has,
 * or in the history.
 *
 * @throws OperatorError if no user or group matches, or several do
 */
export function findKnownSubject(view: ReadOnlyStore, config: Config, query: SubjectQuery): Promise<Subject> {
  const names = [...config.targets, ...view.knownTargets()].map(({ name }) => name);
  return requireSubject(subjectDataOfView(view, config), [...new Set(names)], query);
}

/**
 * The name of a target in the journal, which also knows former names and targets that the configuration no longer has.
 *
 * @throws OperatorError for an unknown target
 */
export function journalNameOf(name: string, config: Config, view: ReadOnlyStore | undefined): string {
  const known = view?.currentTargetName(name);
  if (known === undefined) selectTargets(config, [name]);
  return known ?? name;
}
