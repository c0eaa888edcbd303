import type { Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { OperationContext, OperationExecution } from '../operation-context.ts';
import { find } from '../read/lookup.ts';
import type { ClientContext } from '../client-context.ts';

/** Finds out whether a create that was never answered took effect. Only looks. */
export async function verifyCreate(
  { transport, profile }: ClientContext,
  { paths, owner }: OperationContext,
  { resourceType, key, body }: Extract<Operation, { action: 'verifyCreate' }>,
  execution: OperationExecution,
): Promise<Outcome> {
  const lookup = await find(transport, profile, { resourceType, body, paths, owner }, execution);
  switch (lookup.kind) {
    case 'found': {
      const ownerKey = owner(resourceType, lookup.resource.remoteId);
      if (ownerKey === undefined || ownerKey === key)
        return { kind: 'adopted', status: 200, resource: lookup.resource };
      return {
        kind: 'notFound',
        status: 404,
        detail: `the create did not take effect: its ${lookup.by} is that of the account of key ${ownerKey}`,
      };
    }
    case 'none':
      return { kind: 'notFound', status: 404, detail: 'the create did not take effect' };
    default:
      return { kind: 'unknown', detail: `whether the create took effect cannot be found out: ${lookup.detail}` };
  }
}
