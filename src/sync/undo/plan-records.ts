import { recordKey } from '../../model/record-key.ts';
import { managerPath } from '../../model/path.ts';
import type { SourceKey } from '../../model/ids.ts';
import type { ResourceOperation } from '../../model/operation.ts';
import { isRename } from '../../plan/attribute-diff.ts';
import { phaseOf, phases } from '../../plan/phases.ts';
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
    const [now, later] = await withLaterManager(draft, operation);
    const planned = await toPlanned(draft, now);
    const conflict = await nameConflictOf(draft, now);
    if (conflict === undefined) await draft.add([planned]);
    else conflicts.push({ ...conflict, planned });
    if (later !== undefined) await draft.add([await toPlanned(draft, later)]);
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
 * A user whose manager the undo creates is created without, and gets the manager after all creates: users may be each
 * other's managers, or their own.
 */
async function withLaterManager(
  { plannedStates }: UndoDraft,
  operation: ResourceOperation,
): Promise<readonly [ResourceOperation, later?: ResourceOperation]> {
  const manager = operation.action === 'create' ? operation.body[managerPath] : undefined;
  if (operation.action !== 'create' || typeof manager !== 'string') return [operation];
  const { action } = await plannedStates.of('User', manager as SourceKey);
  if (action !== 'create') return [operation];
  const { body } = operation;
  const { [managerPath]: _, ...without } = body;
  const { resourceType, key, name, reason } = operation;
  const edits = [{ path: managerPath, from: null, to: manager }];
  return [
    { ...operation, body: without },
    { action: 'update', resourceType, key, name, reason, edits, body },
  ];
}

async function toPlanned(draft: UndoDraft, operation: ResourceOperation): Promise<PlannedOperation> {
  const { resourceType, action } = operation;
  const isRenaming =
    (action === 'update' || action === 'reactivate') &&
    operation.edits.some((edit) => edit.path !== 'active' && isRename(resourceType, edit));
  return { operation, phase: await phaseFor(draft, operation), wave: 0, isRenaming };
}

/** The phase of an operation. A reference to a manager whom the undo creates comes after that create. */
async function phaseFor({ plannedStates }: UndoDraft, operation: ResourceOperation): Promise<number> {
  if (operation.action !== 'update' && operation.action !== 'reactivate') return phaseOf(operation);
  const manager = operation.edits.find(({ path }) => path === managerPath)?.to;
  if (typeof manager !== 'string') return phaseOf(operation);
  const { action } = await plannedStates.of('User', manager as SourceKey);
  return action === 'create' ? phases.linkToCreated : phaseOf(operation);
}
