import type { SourceKey } from '../../model/ids.ts';
import type { ResourceOperation } from '../../model/operation.ts';
import type { PlanningScope, RecordRef, RequestedName } from '../../store/store.ts';
import { requestedName } from '../names/rename-operations.ts';
import type { PlanContext } from '../plan-context.ts';

/**
 * Records that a planning evaluates because it changes others:
 *
 *     users who refer to a manager that gets or loses its account
 *     in news: the records that have, or would get in an earlier round, a name that the news needs; their unsent
 *     operations are planned again together with it, so that names change hands as in a plan of everything
 *
 * A full planning evaluates all records anyway.
 */
export interface RelatedCandidates {
  /** @param holder has the name that the operation needs */
  add(operation: ResourceOperation, holder: RecordRef | undefined): void;
  /** Adds those that were found since the last call to the candidates. @returns false if there were none */
  select(): Promise<boolean>;
}

export function createRelatedCandidates(
  { store, pass, subjects }: Pick<PlanContext, 'store' | 'pass' | 'subjects'>,
  scope: PlanningScope,
): RelatedCandidates {
  let managers: SourceKey[] = [];
  let holders: RecordRef[] = [];
  let names: RequestedName[] = [];
  return {
    add(operation, holder) {
      const { resourceType, key } = operation;
      if (scope.kind !== 'full' && resourceType === 'User' && changesPresence(operation)) managers.push(key);
      if (scope.kind !== 'news') return;
      const name = requestedName(operation);
      if (name !== undefined) names.push({ resourceType, name });
      if (holder !== undefined) holders.push(holder);
    },
    async select() {
      if (managers.length + holders.length + names.length === 0) return false;
      if (scope.kind === 'news') await store.selectUnsent(pass, holders, names);
      await store.selectReferrers(managers);
      if (subjects !== undefined) await store.restrictCandidates(subjects);
      [managers, holders, names] = [[], [], []];
      return true;
    },
  };
}

/** Whether the record has an account only before, or only after the operation. */
export const changesPresence = ({ action }: ResourceOperation): boolean =>
  action !== 'update' && action !== 'verifyCreate';
