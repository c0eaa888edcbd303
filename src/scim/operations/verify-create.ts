import type { Operation } from '../../model/operation.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { ClientContext, ExistingAccount, OperationContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import { resourcePath } from '../encode/urls.ts';
import { describeResult, isAccepted } from '../judge/judge-response.ts';
import { parseListResponse } from '../read/list-response.ts';
import { findByAny } from '../read/lookup.ts';
import { isWithoutFilter } from '../absence/judge-absence.ts';
import { isOwnCreate } from './create-lookup.ts';

/**
 * Looks up whether a create without a response, or a refused one, took effect. Sends only GET requests. Where the
 * look-up is answered 404 instead of with a list, the target must answer another search with a list: a gateway answers
 * 404 to everything while the application is away.
 */
export async function verifyCreate(
  { transport, profile }: ClientContext,
  { paths, resolve }: OperationContext,
  { resourceType, body }: Extract<Operation, { action: 'verifyCreate' }>,
  execution: OperationExecution,
): Promise<Outcome | ExistingAccount> {
  const lookup = await findByAny(transport, profile, { resourceType, body, paths }, execution);
  switch (lookup.kind) {
    case 'found':
      return {
        kind: 'existing',
        status: 200,
        resource: lookup.resource,
        by: lookup.by,
        origin: isOwnCreate(lookup, { body }, resolve) ? 'ownCreate' : 'lookup',
      };
    case 'none': {
      const doubt = lookup.status === undefined ? undefined : await searchProblem(transport, resourceType, execution);
      return doubt === undefined
        ? { kind: 'notFound', status: 404, detail: 'the create did not take effect' }
        : unknown(`the look-up was answered ${lookup.status}, and a search for any resource: ${doubt}`);
    }
    case 'ambiguous': {
      // All accounts with the externalId of the user are of our creates. The others are closed together with the first.
      const [first] = lookup.by === 'externalId' ? lookup.resources : [];
      if (first !== undefined)
        return { kind: 'existing', status: 200, resource: first, by: lookup.by, origin: 'ownCreate' };
      return { kind: 'rejected', status: 409, detail: `which account the create made is not known: ${lookup.detail}` };
    }
    default:
      return { ...unknown(lookup.detail), ...(isWithoutFilter(lookup) ? { isProvableByList: true } : {}) };
  }
}

const unknown = (why: string): Extract<Outcome, { kind: 'unknown' }> => ({
  kind: 'unknown',
  detail: `it is not known whether the create took effect: ${why}`,
});

/** Why the target does not answer searches; undefined: it does. */
async function searchProblem(
  transport: ClientContext['transport'],
  resourceType: ResourceType,
  execution: OperationExecution,
): Promise<string | undefined> {
  const query = { startIndex: '1', count: '1' };
  const result = await transport.sendWithRetry({ method: 'GET', path: resourcePath(resourceType), query }, execution);
  return isAccepted(result) && parseListResponse(result) !== undefined ? undefined : describeResult(result);
}
