import type { EditOperation, Operation } from '../../model/operation.ts';
import type { InsteadOfDeletion } from '../../model/outcome.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import { updateResource } from '../operations/update-resource.ts';
import { verifyRemoval } from '../operations/verify-removal.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { knownRefusal, refusedMethod, refusesDeletion, type RefusedDeletion } from './refused-deletion.ts';

type DeleteOperation = Extract<Operation, { action: 'delete' }>;

/** Deletes a resource. If the target refuses to delete a user, the user is deactivated instead. */
export async function deleteResource(
  client: ClientContext,
  context: OperationContext,
  operation: DeleteOperation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const isDeactivatedByDelete = client.profile.protocol.deactivation === 'delete';
  const isReplaced = context.removalForm === 'other' && context.knownResource?.['active'] !== false;
  if (isReplaced && operation.resourceType === 'User' && !isDeactivatedByDelete)
    return deactivateInstead(client, context, operation, withoutEffect, execution);
  const outcome = await sendDelete(client, context, operation, execution, isDeactivatedByDelete);
  if (
    outcome.kind === 'unknown' &&
    context.unprovenRemovals !== undefined &&
    context.knownResource?.['active'] === false
  )
    return staysInactive({ ...withoutEffect, detail: outcome.detail });
  return operation.resourceType === 'User' && !isDeactivatedByDelete && refusesDeletion(outcome, context.failedBefore)
    ? deactivateInstead(client, context, operation, outcome, execution)
    : outcome;
}

/** A DELETE that was answered with success before. */
const withoutEffect: RefusedDeletion = {
  kind: 'rejected',
  status: 204,
  detail: 'DELETE was answered with success, and a read showed the account',
};

/** Sends DELETE, unless the target refuses the method and the access can be ended in another way. */
async function sendDelete(
  client: ClientContext,
  context: OperationContext,
  operation: DeleteOperation,
  execution: OperationExecution,
  isDeactivatedByDelete: boolean,
): Promise<PerformOutcome> {
  const { capabilities } = client;
  const { resourceType } = operation;
  const isOnlyWay = resourceType === 'User' && isDeactivatedByDelete;
  const known = isOnlyWay ? undefined : capabilities.deletionRefused(resourceType);
  if (known !== undefined) return knownRefusal(known);
  const outcome = await updateResource(client, context, operation, execution);
  const { remoteId } = context;
  if (remoteId === undefined) return outcome;
  if (outcome.kind === 'done') capabilities.deletionAnswered(resourceType, remoteId, 'ok');
  else if (refusesDeletion(outcome) && refusedMethod(outcome).isMethodRefused === true)
    capabilities.deletionAnswered(resourceType, remoteId, outcome.status);
  return outcome;
}

async function deactivateInstead(
  client: ClientContext,
  context: OperationContext,
  { resourceType, key, name, reason }: DeleteOperation,
  refusal: RefusedDeletion,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const known = context.knownResource ?? {};
  if (known['active'] === false) return staysInactive(refusal);
  const edits = [{ path: 'active', from: true, to: false }];
  const deactivation: EditOperation = {
    ...{ resourceType, key, name, reason },
    action: 'deactivate',
    edits,
    body: { ...known, active: false },
  };
  const outcome = await updateResource(client, context, deactivation, execution);
  if (outcome.kind === 'done') return confirmed(client, context, deactivation, outcome, refusal, execution);
  return 'detail' in outcome && outcome.kind !== 'notFound'
    ? { ...outcome, detail: `${refusal.detail}; it could not be deactivated instead: ${outcome.detail ?? ''}` }
    : outcome;
}

const staysInactive = (refusal: RefusedDeletion): PerformOutcome => ({
  kind: 'done',
  status: refusal.status,
  insteadOfDeletion: insteadOf(refusal),
  detail: `the target refused to delete the account, which stays inactive: ${refusal.detail}`,
});

const insteadOf = (refusal: RefusedDeletion): InsteadOfDeletion => ({ kind: 'deactivated', ...refusedMethod(refusal) });

/** Reads the account at once unless the answer showed it as inactive: the report names the refusal and the evidence. */
async function confirmed(
  client: ClientContext,
  { remoteId, paths, unprovenRemovals }: OperationContext,
  { resourceType, body }: EditOperation,
  outcome: Extract<PerformOutcome, { kind: 'done' }>,
  refusal: RefusedDeletion,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const { status } = outcome;
  const insteadOfDeletion = insteadOf(refusal);
  const detail = `the target refused to delete the account, so it was deactivated: ${refusal.detail}`;
  const isShown = outcome.evidence === 'shown' && unprovenRemovals === undefined;
  const isSeen = isShown || outcome.evidence === 'read';
  if (isSeen || remoteId === undefined)
    return { kind: 'done', status, insteadOfDeletion, detail, evidence: outcome.evidence ?? 'answered' };
  const removal = { action: 'deactivate', resourceType, remoteId, body, paths } as const;
  const verdict = await verifyRemoval(client, removal, execution);
  return verdict.kind === 'contradicted'
    ? {
        kind: 'rejected',
        status,
        detail: `${refusal.detail}; the deactivation instead was answered ${status}, but ${verdict.detail}`,
      }
    : {
        kind: 'done',
        status,
        insteadOfDeletion,
        detail,
        evidence: verdict.kind === 'confirmed' ? 'read' : 'answered',
      };
}
