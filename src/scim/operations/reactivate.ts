import type { EditOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { withVersion, type ClientContext, type OperationContext, type PerformOutcome } from '../operation-context.ts';
import { get, parseGet } from '../read/get-resource.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { create } from './create.ts';
import type { WriteMethod } from './send-update.ts';
import { asUnknown } from './send-in-parts.ts';
import { updateResource } from './update-resource.ts';

const activation = { path: 'active', from: false, to: true } as const;

const otherPaths = ({ edits }: EditOperation): readonly string[] =>
  edits.map(({ path }) => path).filter((path) => path !== activation.path);

/** Activates an account in the way that its application supports. */
export async function reactivate(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const { reactivation, inactiveUsers, inactiveUsersWritable } = client.profile.protocol;
  switch (reactivation) {
    case 'create':
      return byCreate(client, context, operation, execution);
    case 'never':
      return manually(client, context, operation, execution);
    case 'put':
    case 'active': {
      const method = writeMethodFor(client);
      const outcome = inactiveUsersWritable
        ? await updateResource(client, context, operation, execution, method)
        : await activateThenUpdate(client, context, operation, execution, method);
      return outcome.kind === 'notFound' && inactiveUsers === 'notFound'
        ? byCreate(client, context, operation, execution)
        : outcome;
    }
  }
}

/**
 * An inactive account that the target hides or anonymises must not be read and written back. PUT sends it as the
 * snapshot knows it.
 */
function writeMethodFor({ profile: { protocol }, capabilities }: ClientContext): WriteMethod | undefined {
  const method = protocol.reactivation === 'put' ? 'getThenPut' : capabilities.requestStyle('User').updateMethod;
  if (method === 'getThenPut' && protocol.inactiveUsers !== 'readable') return 'put';
  return protocol.reactivation === 'put' ? method : undefined;
}

/** Sends two requests: the activation, then the other edits. Refused edits stay unresolved. */
async function activateThenUpdate(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  execution: OperationExecution,
  method: WriteMethod | undefined,
): Promise<PerformOutcome> {
  const otherEdits = operation.edits.filter(({ path }) => path !== activation.path);
  // PUT sends the known resource with only `active` changed.
  const body = context.knownResource === undefined ? operation.body : { ...context.knownResource, active: true };
  const activated = await updateResource(
    client,
    context,
    { ...operation, edits: [activation], body },
    execution,
    method,
  );
  if (activated.kind !== 'done' || otherEdits.length === 0) return activated;
  const updated = await updateResource(
    client,
    withVersion(context, activated.version),
    { ...operation, action: 'update', edits: otherEdits },
    execution,
  );
  if (updated.kind === 'needsMembers' || updated.kind === 'existing') return updated;
  if (updated.kind !== 'rejected') return asUnknown(updated);
  return {
    ...activated,
    refused: otherPaths(operation),
    detail: `activated; the other changes were refused: ${updated.detail}`,
  };
}

/** Sends a POST, by which the target activates the account or finds it. The account may get a new id. */
function byCreate(
  client: ClientContext,
  context: OperationContext,
  { resourceType, key, name, reason, body }: EditOperation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  return create(client, context, { action: 'create', resourceType, key, name, reason, body }, execution);
}

/** Only an administrator can activate the account, in the application itself. A GET shows whether that has happened. */
async function manually(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  execution: OperationExecution,
): Promise<Outcome> {
  const { remoteId } = context;
  if (remoteId === undefined)
    return { kind: 'skipped', detail: `dependency: ${operation.name} has no account at this target` };
  const result = await get(client.transport, operation.resourceType, remoteId, execution);
  const getResult = parseGet(result, remoteId, []);
  const isShown = getResult !== 'notFound' && !('unavailable' in getResult) && getResult.isActiveHidden !== true;
  if (isShown && getResult.active) {
    return {
      kind: 'done',
      status: 200,
      unresolved: otherPaths(operation),
      detail: 'it was activated in the application',
    };
  }
  return {
    kind: 'rejected',
    status: result.kind === 'response' ? result.status : 0,
    detail: `this application does not activate accounts by SCIM: activate the account of ${operation.name} there`,
  };
}
