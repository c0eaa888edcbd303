import { recordKey } from '../../model/record-key.ts';
import type { ResourceOperation } from '../../model/operation.ts';
import { isRename } from '../../plan/attribute-diff.ts';
import { phaseOf, phases } from '../../plan/phases.ts';
import { newManagerOf, withLaterManager } from '../../plan/undo/later-reference.ts';
import type { UndoDecision } from '../../plan/undo/undo-record.ts';
import type { PlannedOperation, ResourceEffect } from '../../store/store.ts';
import { isAtTarget } from '../evaluate-record.ts';
import { nameConflictOf, orderRenames, type ConflictingOperation } from '../names/rename-operations.ts';
import type { UndoDraft } from './undo-draft.ts';
import { asAcknowledged, decide, isUndone } from './undo-input.ts';

/** What the undo plans for one user or group, and what it leaves. */
interface PlannedRecord extends Pick<ResourceEffect, 'resourceType' | 'key'> {
  readonly name: string;
  readonly decision: UndoDecision;
}

/** Records the operations on users and groups. First the states of all of them: names and managers depend on others. */
export async function planRecords(draft: UndoDraft): Promise<void> {
  const { frozen, plannedStates } = draft;
  for await (const { resourceType, key, decision } of plannedOf(draft)) {
    if (decision === undecided) plannedStates.protect(resourceType, key);
    else if (decision.operation !== undefined && !isFrozen(draft, decision.operation))
      plannedStates.remember(decision.operation);
  }
  const conflicts: ConflictingOperation[] = [];
  for await (const { decision, ...record } of plannedOf(draft)) {
    const { operation, remarks } = decision;
    for (const { text, problem } of remarks) draft.note(record, text, problem);
    if (operation === undefined) continue;
    if (isFrozen(draft, operation)) {
      frozen.add(operation);
      continue;
    }
    for (const planned of await toPlanned(draft, operation)) {
      const conflict = await nameConflictOf(draft, planned.operation);
      if (conflict === undefined) await draft.add([planned]);
      else conflicts.push({ ...conflict, planned });
    }
  }
  await draft.add(await orderRenames(draft, conflicts));
}

/** The decision on an account that the configuration protects. */
const undecided: UndoDecision = {
  operation: undefined,
  remarks: [{ text: 'is protected, and stays as it is', problem: false }],
};

async function* plannedOf(draft: UndoDraft): AsyncGenerator<PlannedRecord> {
  const { journal, store, options, input } = draft;
  const { spec, mapping, undone, shown } = input;
  for await (const page of journal.resourceEffects(undone, spec.name))
    for (const effect of page) {
      if (!isUndone(input, effect)) continue;
      const { resourceType, key, name } = effect;
      const known = store.known(resourceType, key);
      // If the expression fails, the account is protected: without a verdict it must not change.
      const isProtected = isAtTarget(known) && mapping.isProtected(known.body) !== false;
      const decision = isProtected
        ? undecided
        : decide(effect, { undone, known, shown: shown.get(recordKey(effect)) ?? asAcknowledged }, options);
      yield { resourceType, key, name, decision };
    }
}

const isFrozen = ({ frozen }: UndoDraft, { resourceType, key, action }: ResourceOperation): boolean =>
  frozen.holdsBack(resourceType, key, action);

/**
 * The operation with its phase. A reference to a manager whom the undo creates comes after all creates: users may be
 * each other's managers, or their own, and a create may need the name that this user gives up.
 */
async function toPlanned(
  { plannedStates }: UndoDraft,
  operation: ResourceOperation,
): Promise<readonly PlannedOperation[]> {
  const manager = newManagerOf(operation);
  const isCreated = manager !== undefined && (await plannedStates.of('User', manager)).action === 'create';
  const [first, later] = isCreated ? withLaterManager(operation) : [operation, undefined];
  return [
    ...(first === undefined ? [] : [inPhase(first, phaseOf(first))]),
    ...(later === undefined ? [] : [inPhase(later, phases.linkToCreated)]),
  ];
}

function inPhase(operation: ResourceOperation, phase: number): PlannedOperation {
  const { resourceType, action } = operation;
  const isRenaming =
    (action === 'update' || action === 'reactivate') &&
    operation.edits.some((edit) => edit.path !== 'active' && isRename(resourceType, edit));
  return { operation, phase, wave: 0, isRenaming };
}
