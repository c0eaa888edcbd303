import type { Operation } from '../model/operation.ts';
import type { ClientContext, OperationContext, PerformOutcome } from './operation-context.ts';
import { deleteResource } from './removal/delete-resource.ts';
import type { OperationExecution } from './transport/execution.ts';
import { create } from './operations/create.ts';
import { updateMembers } from './operations/members.ts';
import { reactivate } from './operations/reactivate.ts';
import { updateResource } from './operations/update-resource.ts';
import { verifyCreate } from './operations/verify-create.ts';

/** Sends the requests of one operation, and judges the responses. */
export function executeOperation(
  client: ClientContext,
  context: OperationContext,
  operation: Operation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  switch (operation.action) {
    case 'create':
      return create(client, context, operation, execution);
    case 'verifyCreate':
      return verifyCreate(client, context, operation, execution);
    case 'members':
      return updateMembers(client, context, operation, execution);
    case 'reactivate':
      return reactivate(client, context, operation, execution);
    case 'delete':
      return deleteResource(client, context, operation, execution);
    default:
      return updateResource(client, context, operation, execution);
  }
}
