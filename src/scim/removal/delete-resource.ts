import type { EditOperation, Operation } from '../../model/operation.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import { updateResource } from '../operations/update-resource.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { refusesDeletion, type RefusedDeletion } from './refused-deletion.ts';

type DeleteOperation = Extract<Operation, { action: 'delete' }>;

/** Deletes a resource. If the target refuses to delete a user, the user is deactivated instead. */
export async function deleteResource(
  client: ClientContext,
  context: OperationContext,
  operation: DeleteOperation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const outcome = await updateResource(client, context, operation, execution);
  const isDeactivatedByDelete = client.profile.protocol.deactivation === 'delete';
  return operation.resourceType === 'User' && !isDeactivatedByDelete && refusesDeletion(outcome)
    ? deactivateInstead(client, context, operation, outcome, execution)
    : outcome;
}

async function deactivateInstead(
  client: ClientContext,
  context: OperationContext,
  { resourceType, key, name, reason }: DeleteOperation,
  refusal: RefusedDeletion,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const known = context.knownResource ?? {};
  const insteadOfDeletion = { kind: 'deactivated' } as const;
  if (known['active'] === false)
    return {
      kind: 'done',
      status: refusal.status,
      insteadOfDeletion,
      detail: `the target refused to delete the account, which stays inactive: ${refusal.detail}`,
    };
  const edits = [{ path: 'active', from: true, to: false }];
  const deactivation: EditOperation = {
    ...{ resourceType, key, name, reason },
    action: 'deactivate',
    edits,
    body: { ...known, active: false },
  };
  const outcome = await updateResource(client, context, deactivation, execution);
  if (outcome.kind === 'done')
    return {
      kind: 'done',
      status: outcome.status,
      insteadOfDeletion,
      detail: `the target refused to delete the account, so it was deactivated: ${refusal.detail}`,
    };
  return 'detail' in outcome && outcome.kind !== 'notFound'
    ? { ...outcome, detail: `${refusal.detail}; it could not be deactivated instead: ${outcome.detail ?? ''}` }
    : outcome;
}
