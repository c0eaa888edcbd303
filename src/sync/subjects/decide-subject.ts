import type { TargetMapping } from '../../desired/target-mapping.ts';
import { totalCount, type TargetPlan } from '../../model/plan.ts';
import { displayName } from '../../plan/diff.ts';
import type { RecordRef, StateView } from '../../store/store.ts';
import type { PassInputs, TargetSpec } from '../context.ts';
import { diffOptionsOf, evaluate, withAssigned, type Evaluation } from '../evaluate-record.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';
import { nameOfRecord } from './name-of-record.ts';

/** Why a pass for one user or group has nothing to send to a target. */
export interface SubjectDecision {
  readonly target: string;
  readonly name: string;
  readonly evaluation: Evaluation;
}

type DecisionDeps = Pick<PassInputs, 'clock'> & { readonly store: Pick<StateView, 'mirror' | 'target'> };

interface PlannedTarget {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
}

/**
 * Why the users and groups of a pass have nothing to send to a target. Empty if the plan has an operation, or if the
 * pass is for all of them. Runs in the transaction of the plan.
 */
export async function decideSubjects(
  deps: DecisionDeps,
  { subjects = [] }: { readonly subjects: readonly RecordRef[] | undefined },
  target: PlannedTarget,
  { counts, frozen }: TargetPlan,
): Promise<readonly SubjectDecision[]> {
  if (totalCount(counts) + frozen.total > 0) return [];
  const decisions: SubjectDecision[] = [];
  for (const subject of subjects) decisions.push(await decideSubject(deps, target, subject));
  return decisions;
}

/** Evaluates a user or group of a pass at a target. Runs in the transaction of the plan. */
export async function decideSubject(
  { store, clock }: DecisionDeps,
  { spec, mapping }: PlannedTarget,
  { resourceType, key }: RecordRef,
): Promise<SubjectDecision> {
  const target = await store.target(spec.name);
  const found = await store.mirror.record(resourceType, key);
  const addGroups = addGroupsFor(mapping, () => store.mirror.openUserGroups());
  const [record] = found === undefined ? [] : await addGroups([found]);
  const known = target.known(resourceType, key);
  const candidate = { resourceType, key, record, known, isCreateInDoubt: false, isRequeued: false };
  const evaluated = withAssigned(candidate, target, mapping);
  const nameAtTarget = known === undefined ? undefined : displayName(resourceType, known.body);
  return {
    target: spec.name,
    name: nameAtTarget ?? nameOfRecord(record) ?? key,
    evaluation: evaluate(evaluated, mapping, diffOptionsOf(spec, mapping), clock.now()),
  };
}
