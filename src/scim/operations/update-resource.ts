import type { Outcome } from '../../model/outcome.ts';
import type { OperationContext, UpdateOperation, OperationExecution } from '../operation-context.ts';
import { updateOnce } from './update-once.ts';
import { get, parseGet } from '../read/get-resource.ts';
import { reactivate } from './reactivate.ts';
import type { ClientContext } from '../client-context.ts';

type ResourceUpdate = Exclude<UpdateOperation, { action: 'members' }>;

/** Changes one resource, or deletes it. */
export async function updateResource(
  client: ClientContext,
  context: OperationContext,
  operation: ResourceUpdate,
  execution: OperationExecution,
): Promise<Outcome> {
  if (operation.action === 'reactivate') return reactivate(client, context, operation, execution);
  const outcome = await updateOnce(client, context, operation, execution);
  const isLeaver =
    operation.resourceType === 'User' && (operation.action === 'deactivate' || operation.action === 'delete');
  return isLeaver && isNotFound(outcome) ? confirmNotFound(client, context, operation, outcome, execution) : outcome;
}

const isNotFound = (outcome: Outcome): boolean =>
  outcome.kind === 'notFound' || (outcome.kind === 'done' && (outcome.status === 404 || outcome.status === 410));

/**
 * One 404 in passing, believed of somebody who leaves, would leave an account open that nobody ever looks at again: it is looked whether the
 * account is really not there. What cannot be read is believed to be gone.
 */
async function confirmNotFound(
  { transport }: ClientContext,
  { remoteId }: OperationContext,
  { resourceType }: ResourceUpdate,
  notFound: Outcome,
  execution: OperationExecution,
): Promise<Outcome> {
  if (remoteId === undefined) return notFound;
  const getResult = parseGet(await get(transport, resourceType, remoteId, execution), remoteId, []);
  if (getResult === 'notFound' || 'unavailable' in getResult) return notFound;
  if (!getResult.active) return { kind: 'done', status: 404, detail: 'answered 404; the account is there, and closed' };
  return { kind: 'rejected', status: 404, detail: 'answered 404, and yet the account is there, and open' };
}
