import { quoteEtag } from '../encode/encode-request.ts';
import { isAccepted, versionOf } from '../judge/judge-response.ts';
import type { UpdateOperation } from '../../model/operation.ts';
import type { ClientContext, OperationContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { ScimRequest } from '../transport/message.ts';
import type { SentUpdate } from './rebase-update.ts';

/**
 * Sends a PATCH that has more operations than the target allows, or than it applies, as several requests, each with the
 * version from the previous response. The first failure ends the sequence and is the result.
 */
export async function sendInBatches(
  client: ClientContext,
  { isSplit }: OperationContext,
  operation: UpdateOperation,
  request: ScimRequest,
  execution: OperationExecution,
): Promise<Pick<SentUpdate, 'result' | 'partial' | 'isSplit'>> {
  const maxOperationsOf = (): number =>
    isSplit === true
      ? 1
      : Math.min(
          client.profile.limits.operationsPerPatch ?? Infinity,
          client.capabilities.operationsPerPatch(operation),
        );
  const { Operations: operations = [], ...message } = (request.body ?? {}) as { Operations?: readonly unknown[] };
  const maxOperations = request.method === 'PATCH' && operations.length > 1 ? maxOperationsOf() : operations.length;
  if (operations.length <= maxOperations) return { result: await client.transport.sendWithRetry(request, execution) };
  let nextRequest = request;
  for (let offset = 0; ; offset += maxOperations) {
    const result = await client.transport.sendWithRetry(
      { ...nextRequest, body: { ...message, Operations: operations.slice(offset, offset + maxOperations) } },
      execution,
    );
    if (!isAccepted(result)) return { result, ...(offset === 0 ? {} : { partial: true }) };
    if (offset + maxOperations >= operations.length) return { result, isSplit: true };
    nextRequest = withIfMatch(nextRequest, versionOf(result).version);
  }
}

function withIfMatch(request: ScimRequest, version: string | undefined): ScimRequest {
  const { ifMatch, ...rest } = request;
  return ifMatch === undefined || version === undefined ? rest : { ...rest, ifMatch: quoteEtag(version) };
}
