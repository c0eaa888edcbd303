import type { EditOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { withVersion, type OperationContext, type OperationExecution } from '../operation-context.ts';
import { asUnknown, updateOnce } from './update-once.ts';
import { create } from './create.ts';
import { get, parseGet } from '../read/get-resource.ts';
import type { WriteMethod } from './send-update.ts';
import type { ClientContext } from '../client-context.ts';

const activation = { path: 'active', from: false, to: true } as const;

/** What is to be changed besides. */
const otherPaths = ({ edits }: EditOperation): readonly string[] =>
  edits.map(({ path }) => path).filter((path) => path !== activation.path);

/** Opens an account that was closed, in the way that its application lets it be opened. */
export async function reactivate(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  execution: OperationExecution,
): Promise<Outcome> {
  const { reactivation, inactiveUsers, inactiveUsersWritable } = client.profile.protocol;
  switch (reactivation) {
    case 'create':
      return byCreate(client, context, operation, execution);
    case 'never':
      return manually(client, context, operation, execution);
    case 'put':
    case 'active': {
      const form = writeMethodFor(client);
      const outcome = inactiveUsersWritable
        ? await updateOnce(client, context, operation, execution, form)
        : await activateThenUpdate(client, context, operation, execution, form);
      return outcome.kind === 'notFound' && inactiveUsers === 'notFound'
        ? byCreate(client, context, operation, execution)
        : outcome;
    }
  }
}

/** What a closed account cannot show, or shows under made-up names, must not be written back: it is written as we know it. */
function writeMethodFor({ profile: { protocol }, capabilities }: ClientContext): WriteMethod | undefined {
  const form = protocol.reactivation === 'put' ? 'getThenPut' : capabilities.requestStyle('User').updateMethod;
  if (form === 'getThenPut' && protocol.inactiveUsers !== 'readable') return 'put';
  return protocol.reactivation === 'put' ? form : undefined;
}

/** First opened, then changed. What could not be changed is said again as a change of its own. */
async function activateThenUpdate(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  execution: OperationExecution,
  method: WriteMethod | undefined,
): Promise<Outcome> {
  const otherEdits = operation.edits.filter(({ path }) => path !== 'active');
  // Said as a whole resource, it is the one that is known there, opened.
  const body = context.knownResource === undefined ? operation.body : { ...context.knownResource, active: true };
  const activated = await updateOnce(client, context, { ...operation, edits: [activation], body }, execution, method);
  if (activated.kind !== 'done' || otherEdits.length === 0) return activated;
  const updated = await updateOnce(
    client,
    withVersion(context, activated.version),
    { ...operation, action: 'update', edits: otherEdits },
    execution,
  );
  if (updated.kind !== 'rejected') return asUnknown(updated);
  return {
    ...activated,
    unresolved: otherPaths(operation),
    detail: `opened, and not changed otherwise: ${updated.detail}`,
  };
}

/** A closed account is answered 404, or only a create opens it: what is there then is ours, under whatever id. */
async function byCreate(
  client: ClientContext,
  context: OperationContext,
  operation: EditOperation,
  execution: OperationExecution,
): Promise<Outcome> {
  const { resourceType, key, name, reason, body } = operation;
  const created = await create(client, context, { action: 'create', resourceType, key, name, reason, body }, execution);
  if (created.kind !== 'adopted' || created.resource.active) return created;
  const { remoteId } = created.resource;
  const activated = await updateOnce(
    client,
    { ...context, remoteId },
    { ...operation, edits: [activation] },
    execution,
  );
  if (activated.kind !== 'done')
    return activated.kind === 'notFound'
      ? {
          kind: 'rejected',
          status: 404,
          detail: 'it is there, closed, and cannot be opened by SCIM: open it at the application',
        }
      : activated;
  return { ...activated, remoteId, unresolved: otherPaths(operation) };
}

/** Only a person can open it; whether somebody has, the application says. */
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
  if (getResult !== 'notFound' && !('unavailable' in getResult) && getResult.active) {
    return {
      kind: 'done',
      status: 200,
      unresolved: otherPaths(operation),
      detail: 'it was opened at the application',
    };
  }
  return {
    kind: 'rejected',
    status: result.kind === 'response' ? result.status : 0,
    detail: `this application opens a closed account for nobody but a person: open the account of ${operation.name} there`,
  };
}
