import type { SourceKey } from '../../model/ids.ts';
import { isRemoval } from '../../model/operation.ts';
import { isRepeatedDeletion } from '../../plan/leavers.ts';
import { phaseOf } from '../../plan/phases.ts';
import type { PlannedOperation, PlanningScope, RecordRef } from '../../store/store.ts';
import { evaluate, withAssigned, type EvaluatedCandidate } from '../evaluate-record.ts';
import type { PlanContext } from '../plan-context.ts';
import { withGroupsOfRecords } from '../user-groups/add-groups.ts';

const pageSize = 100;

/**
 * Records the removals of users with an account whose records changed. Everything else about these records is left to
 * the news after the planning of the target, which compares them again.
 *
 * @returns the groups whose memberships must all be compared: none
 */
export async function planRemovals(context: PlanContext, scope: PlanningScope): Promise<readonly SourceKey[]> {
  const { store, mapping } = context;
  await store.selectCandidates(scope);
  const removed: RecordRef[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<typeof store.candidates>> = await store.candidates(after, pageSize);
    after = next;
    const complete = await withGroupsOfRecords(page, context.addGroups);
    const planned = complete.flatMap((one) => removalOf(context, withAssigned(one, store, mapping)));
    removed.push(...planned.map(({ operation: { resourceType, key } }) => ({ resourceType, key })));
    await context.add(planned);
  }
  // The memberships of the others are left out, too.
  await store.restrictCandidates(removed);
  return [];
}

function removalOf(
  { mapping, diffOptions, now, plannedStates, frozen }: PlanContext,
  candidate: EvaluatedCandidate,
): readonly PlannedOperation[] {
  const { record, known, resourceType, key } = candidate;
  // The planning that is not complete may not have recorded the role of a group that gives access.
  if (record?.active === true && mapping.groupRules !== undefined) return [];
  const evaluation = evaluate(candidate, mapping, diffOptions, now);
  plannedStates.remember(resourceType, key, evaluation);
  const { operation, desired, presence } = evaluation;
  if (operation === undefined || !isRemoval(operation) || desired.kind !== 'absent' || presence === 'protected')
    return [];
  if (frozen.holdsBack(resourceType, key, operation.action)) return [];
  const isRepeated = isRepeatedDeletion(operation, known) ? ({ isRepeatedDeletion: true } as const) : {};
  return [{ operation, phase: phaseOf(operation), wave: 0, isRenaming: false, ...isRepeated }];
}
