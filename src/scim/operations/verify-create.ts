import type { Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { ClientContext, ExistingAccount, OperationContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { find } from '../read/lookup.ts';
import { isWithoutFilter } from '../absence/judge-absence.ts';
import { isOwnCreate } from './create-lookup.ts';

/** Looks up whether a create without a response, or a refused one, took effect. Sends only GET requests. */
export async function verifyCreate(
  { transport, profile }: ClientContext,
  { paths, resolve }: OperationContext,
  { resourceType, body }: Extract<Operation, { action: 'verifyCreate' }>,
  execution: OperationExecution,
): Promise<Outcome | ExistingAccount> {
  const lookup = await find(transport, profile, { resourceType, body, paths }, execution);
  switch (lookup.kind) {
    case 'found':
      return {
        kind: 'existing',
        status: 200,
        resource: lookup.resource,
        by: lookup.by,
        origin: isOwnCreate(lookup, { body }, resolve) ? 'ownCreate' : 'lookup',
      };
    case 'none':
      return { kind: 'notFound', status: 404, detail: 'the create did not take effect' };
    case 'ambiguous':
      return { kind: 'rejected', status: 409, detail: `which account the create made is not known: ${lookup.detail}` };
    default:
      return {
        kind: 'unknown',
        detail: `it is not known whether the create took effect: ${lookup.detail}`,
        ...(isWithoutFilter(lookup) ? { isProvableByList: true } : {}),
      };
  }
}
