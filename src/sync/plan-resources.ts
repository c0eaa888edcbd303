import type { SourceKey } from '../model/ids.ts';
import { uniqueNameAttribute } from '../model/resource-type.ts';
import type { EditOperation, ResourceOperation } from '../model/operation.ts';
import { managerPath } from '../model/path.ts';
import type { FlatResource, DesiredState, KnownState } from '../model/resource.ts';
import { diff, displayName, immutableEdits } from '../plan/diff.ts';
import { isRename } from '../plan/attribute-diff.ts';
import { isRepeatedDeletion } from '../plan/leavers.ts';
import { phaseOf, phases } from '../plan/phases.ts';
import type { Candidate, PlanningScope, PlannedOperation } from '../store/store.ts';
import { createDuplicateNames } from './names/duplicate-names.ts';
import { assignUniqueValues } from './names/assign-unique-values.ts';
import { nameConflictOf, orderRenames, type ConflictingOperation } from './names/rename-operations.ts';
import type { PlanContext } from './plan-context.ts';
import { evaluate, isAtTarget, withAssigned, type EvaluatedCandidate, type Evaluation } from './evaluate-record.ts';
import { changesPresence, createRelatedCandidates } from './subjects/related-candidates.ts';
import { withGroupsOfRecords } from './user-groups/add-groups.ts';
import { selectConcernedUsers } from './user-groups/select-concerned-users.ts';

/** Candidates of one slice: some 10 ms, in which no other target can write. */
const pageSize = 100;

/**
 * Compares every candidate, users and groups, and records the operations.
 *
 * @returns the groups whose memberships must all be compared
 */
export async function planResources(context: PlanContext, scope: PlanningScope): Promise<readonly SourceKey[]> {
  const { store } = context;
  await selectCandidates(context, scope);
  await assignUniqueValues(context, scope);
  const conflicts: ConflictingOperation[] = [];
  const duplicates = createDuplicateNames(context);
  const groupsToRecompute: SourceKey[] = [];
  const switched: Record<'emptied' | 'filled', SourceKey[]> = { emptied: [], filled: [] };
  // A full planning compares all records and memberships anyway.
  const isIncremental = scope.kind !== 'full';
  const related = createRelatedCandidates(context, scope);
  for (let after = 0; ;) {
    const { page, next } = await store.candidates(after, pageSize);
    if (next === undefined) {
      if (!(await related.select())) break;
      continue;
    }
    after = next;
    const ready: PlannedOperation[] = [];
    for (const one of await withGroupsOfRecords(page, context.addGroups)) {
      const candidate = withAssigned(one, store, context.mapping);
      const operation = await planDueRecord(context, candidate);
      const change = candidate.resourceType === 'Group' ? await emptiedOrFilled(context, candidate) : undefined;
      if (change !== undefined) switched[change].push(candidate.key);
      if (isIncremental && (change !== undefined || mayChangeMembers(context, candidate, operation)))
        groupsToRecompute.push(candidate.key);
      if (operation === undefined) continue;
      await duplicates.check(operation);
      const conflict = await nameConflictOf(context, operation);
      related.add(operation, conflict?.holder);
      const planned = await toPlanned(context, operation, candidate.known);
      if (conflict === undefined) ready.push(planned);
      else conflicts.push({ ...conflict, planned });
    }
    await context.add(ready.filter(({ operation }) => !duplicates.isRefused(operation)));
    await context.nextSlice();
  }
  const unique = conflicts.filter(({ planned: { operation } }) => !duplicates.isRefused(operation));
  await context.add(await orderRenames(context, unique));
  await store.markEmptied(switched.emptied, true);
  await store.markEmptied(switched.filled, false);
  return groupsToRecompute;
}

async function selectCandidates(context: PlanContext, scope: PlanningScope): Promise<void> {
  const { store, mapping, subjects, diffOptions } = context;
  await store.selectCandidates(scope);
  if (scope.kind === 'changed' || scope.kind === 'news')
    await store.selectFrozen(diffOptions.leaverPolicy.groups === 'delete');
  await selectConcernedUsers(store, mapping, scope);
  if (subjects !== undefined) await store.restrictCandidates(subjects);
}

/** Whether the deletion would not be planned at the moment that is not in doubt. */
const isDueByTimeOnly = (
  { mapping, diffOptions, deletionsInDoubt }: PlanContext,
  candidate: EvaluatedCandidate,
  operation: ResourceOperation | undefined,
): boolean =>
  deletionsInDoubt !== undefined &&
  candidate.resourceType === 'User' &&
  operation?.action === 'delete' &&
  evaluate(candidate, mapping, diffOptions, deletionsInDoubt.doubt.certain).operation?.action !== 'delete';

/** Whether a group with an account left the source or the scope, or came back. All its memberships then change. */
async function emptiedOrFilled(
  { plannedStates }: PlanContext,
  { resourceType, key, known }: Candidate,
): Promise<'emptied' | 'filled' | undefined> {
  if (known === undefined) return undefined;
  const { presence } = await plannedStates.of(resourceType, key);
  if (presence === 'emptied') return known.isEmptied === true ? undefined : 'emptied';
  return presence === 'present' && known.isEmptied === true ? 'filled' : undefined;
}

/** Whether a change of the group may change its memberships. A new name does not: no membership is compared then. */
function mayChangeMembers(
  { diffOptions }: PlanContext,
  { resourceType, isRequeued }: Candidate,
  operation: ResourceOperation | undefined,
): boolean {
  if (resourceType !== 'Group') return false;
  return (
    isRequeued ||
    diffOptions.leaverPolicy.groups === 'keep' ||
    diffOptions.supports.groupsReadOnly ||
    (operation !== undefined && changesPresence(operation))
  );
}

/** The operation of a record, unless the record failed before and waits for a later pass. */
async function planDueRecord(
  context: PlanContext,
  candidate: EvaluatedCandidate,
): Promise<ResourceOperation | undefined> {
  const operation = await planRecord(context, candidate);
  if (operation !== undefined && context.frozen.holdsBack(candidate.resourceType, candidate.key, operation.action)) {
    context.frozen.add(operation);
    return undefined;
  }
  if (isDueByTimeOnly(context, candidate, operation)) context.deletionsInDoubt?.users.add(candidate.key);
  const { resourceType, key } = candidate;
  if (!(await context.postponedTries.isPostponed(resourceType, key, operation, candidate.known))) return operation;
  context.plannedStates.postpone(resourceType, key);
  return undefined;
}

async function planRecord(context: PlanContext, candidate: EvaluatedCandidate): Promise<ResourceOperation | undefined> {
  const { mapping, diffOptions, now } = context;
  const evaluation = evaluate(candidate, mapping, diffOptions, now);
  context.plannedStates.remember(candidate.resourceType, candidate.key, evaluation);
  const { desired } = evaluation;
  if (desired.kind === 'rejected') return context.note(candidate, desired.reason, desired.isDecisionPending !== true);
  if (evaluation.presence === 'protected') return noteProtected(context, evaluation);
  // A create that was refused, or that followed a missing account, may have made an account that no known id names.
  if (candidate.isCreateInDoubt && desired.kind === 'absent' && !evaluation.isKnown) {
    const verification = await verifyCreate(context, candidate);
    if (verification !== undefined || evaluation.operation === undefined) return verification;
  }
  if (isUnknownLeaver(evaluation) && !context.frozen.holdsBack('User', candidate.key, undefined))
    context.addUnknownLeaver(candidate.key);
  if (desired.kind === 'present') noteImmutable(context, candidate, desired.body);
  if (desired.kind !== 'present' || candidate.resourceType !== 'User') return evaluation.operation;
  const resolved = await withExistingManager(context, candidate, desired);
  return resolved === desired
    ? evaluation.operation
    : diff({ ...candidate, desired: resolved, known: candidate.known }, diffOptions, now);
}

/** Whether the source has the user, who should have no access and has no known account. A kept leaver is not one. */
const isUnknownLeaver = ({ candidate, desired, presence, isKnown }: Evaluation): boolean =>
  candidate.resourceType === 'User' &&
  candidate.record !== undefined &&
  desired.kind === 'absent' &&
  desired.reason !== 'notYet' &&
  presence === 'absent' &&
  !isKnown;

/** For a user who is no longer desired and whose create received no response: an unknown, active account may exist. */
async function verifyCreate(
  context: PlanContext,
  { resourceType, key }: Candidate,
): Promise<ResourceOperation | undefined> {
  const body = await context.unansweredCreate(resourceType, key);
  if (body === undefined) return undefined;
  return {
    action: 'verifyCreate',
    resourceType,
    key,
    name: displayName(resourceType, body),
    reason: 'an earlier create received no response',
    body,
  };
}

/** Notes values that stay different from the source, because the application does not allow the change. */
function noteImmutable(context: PlanContext, candidate: Candidate, desired: FlatResource): void {
  const { known } = candidate;
  if (!isAtTarget(known)) return;
  for (const { path, from, to } of immutableEdits(known, desired, context.diffOptions)) {
    context.note(
      candidate,
      `${path} stays ${JSON.stringify(from)} and does not become ${JSON.stringify(to)}: ` +
        'it is immutable at this application',
      false,
    );
  }
}

function noteProtected(context: PlanContext, { candidate, operation }: Evaluation): undefined {
  if (operation !== undefined)
    context.note(candidate, `is protected; would otherwise be ${pastTense[operation.action]}`, false);
  return undefined;
}

const pastTense = {
  create: 'created',
  update: 'updated',
  deactivate: 'deactivated',
  reactivate: 'reactivated',
  delete: 'deleted',
  verifyCreate: 'looked for',
} as const;

/**
 * The desired state without a manager who has no account at this target and gets none by this plan. When the manager
 * gets an account, the user becomes a candidate again, in the same pass or years later.
 */
async function withExistingManager(
  context: PlanContext,
  { key }: Candidate,
  desired: Extract<DesiredState, { kind: 'present' }>,
): Promise<DesiredState> {
  const manager = desired.body[managerPath];
  if (typeof manager !== 'string') {
    if (context.hasPendingManagers) await context.store.setPendingManager(key, undefined);
    return desired;
  }
  const managerState = await context.plannedStates.of('User', manager as SourceKey);
  const hasManager = managerState.isKnown ? managerState.action !== 'delete' : managerState.presence === 'present';
  await context.store.setPendingManager(key, hasManager ? undefined : (manager as SourceKey));
  if (hasManager) return desired;
  const body: Record<string, FlatResource[string]> = { ...desired.body };
  delete body[managerPath];
  return { kind: 'present', body };
}

async function toPlanned(
  context: PlanContext,
  operation: ResourceOperation,
  known: KnownState | undefined,
): Promise<PlannedOperation> {
  const { resourceType } = operation;
  // A reactivation changes `active` in any case. If it also changes a name, the account may be that of another person.
  const isRenaming =
    (operation.action === 'update' && operation.edits.some((edit) => isRename(resourceType, edit))) ||
    (operation.action === 'reactivate' &&
      operation.edits.some((edit) => edit.path !== 'active' && isRename(resourceType, edit)));
  const isRepeated = isRepeatedDeletion(operation, known) ? ({ isRepeatedDeletion: true } as const) : {};
  return { operation, phase: await phaseFor(context, operation), wave: 0, isRenaming, ...isRepeated };
}

/** The phase of an operation. An update that references a manager whom this plan creates comes after that create. */
async function phaseFor(context: PlanContext, operation: ResourceOperation): Promise<number> {
  if (operation.resourceType !== 'User' || (operation.action !== 'update' && operation.action !== 'reactivate'))
    return phaseOf(operation);
  const manager = newManager(operation);
  if (manager === undefined) return phaseOf(operation);
  const managerState = await context.plannedStates.of('User', manager);
  return managerState.isKnown ? phaseOf(operation) : phases.linkToCreated;
}

function newManager(operation: EditOperation): SourceKey | undefined {
  const to = operation.edits.find(({ path }) => path === managerPath)?.to;
  return typeof to === 'string' ? (to as SourceKey) : undefined;
}

/** The name of a record for notes, also if it has no body yet. */
export function candidateName(candidate: Candidate): string {
  const { resourceType, record, known } = candidate;
  if (known !== undefined) return displayName(resourceType, known.body);
  const attributes = record?.attributes ?? {};
  return attributes[uniqueNameAttribute(resourceType)]?.[0] ?? attributes['mail']?.[0] ?? attributes['name']?.[0] ?? '';
}
