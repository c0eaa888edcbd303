import type { RemoteId } from '../../model/ids.ts';
import type { UpdateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { isAccepted } from '../judge/judge-response.ts';
import { parseResource } from '../judge/parse-resource.ts';
import { ownerOf } from '../judge/resource-owner.ts';
import type { ClientContext, ExistingAccount, OperationContext } from '../operation-context.ts';
import { get } from '../read/get-resource.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult } from '../transport/message.ts';
import { idReading, ownReading, type ExpectedOwner } from './prove-missing.ts';

/**
 * The id under which the answer to an update shows the resource. Some targets derive the id from the userName, or
 * assign another one.
 *
 * @returns undefined where the answer shows the known id, no id, or the resource of another record
 */
export function changedIdIn(
  result: HttpResult,
  known: RemoteId | undefined,
  { resourceType, bodies }: ExpectedOwner,
): RemoteId | undefined {
  if (!isAccepted(result)) return undefined;
  const shown = parseResource(result.body, [])?.remoteId;
  return shown === known || ownerOf(result.body, resourceType, bodies) !== 'own' ? undefined : shown;
}

/**
 * Reads the resource under both ids, because some answers contain an id that the target does not store.
 *
 *     known id       new id            outcome
 *     not found      the resource      it has the new id, and is adopted there
 *     not found      anything else     unknown
 *     anything else  (not read)        it keeps the known id
 */
export async function followChangedId(
  { transport }: Pick<ClientContext, 'transport'>,
  { remoteId, knownResource, paths }: Pick<OperationContext, 'remoteId' | 'knownResource' | 'paths'>,
  operation: UpdateOperation,
  { movedTo, ...outcome }: Extract<Outcome, { kind: 'done' }>,
  execution: OperationExecution,
): Promise<Outcome | ExistingAccount> {
  if (movedTo === undefined || remoteId === undefined) return outcome;
  const { resourceType } = operation;
  const readingOf = (id: RemoteId): Promise<HttpResult> => get(transport, resourceType, id, execution);
  if (idReading(await readingOf(remoteId), remoteId, []) !== 'notFound') return outcome;
  const bodies = [knownResource, 'body' in operation ? operation.body : undefined];
  const resource = ownReading(await readingOf(movedTo), movedTo, paths, { resourceType, bodies });
  const { status } = outcome;
  if (resource === 'notFound' || 'unavailable' in resource)
    return {
      kind: 'unknown',
      status,
      detail: `answered ${status} with id ${movedTo} instead of ${remoteId}, and no read shows the resource`,
    };
  return { kind: 'existing', status, resource, by: 'the id in the answer', origin: 'ownCreate' };
}
