import { quoteEtag } from '../encode/encode-request.ts';
import { isAccepted, versionOf } from '../judge/judge-response.ts';
import type { ClientContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';

/**
 * Sends a PATCH that has more operations than the target allows as several requests, each with the version from the
 * previous response. The first failure ends the sequence and is the result.
 */
export async function sendInBatches(
  client: ClientContext,
  request: ScimRequest,
  execution: OperationExecution,
): Promise<{ readonly result: HttpResult; readonly partial?: true }> {
  const maxOperations = client.profile.limits.operationsPerPatch;
  const { Operations: operations = [], ...message } = (request.body ?? {}) as { Operations?: readonly unknown[] };
  if (request.method !== 'PATCH' || maxOperations === null || operations.length <= maxOperations)
    return { result: await client.transport.sendWithRetry(request, execution) };
  let nextRequest = request;
  for (let offset = 0; ; offset += maxOperations) {
    const result = await client.transport.sendWithRetry(
      { ...nextRequest, body: { ...message, Operations: operations.slice(offset, offset + maxOperations) } },
      execution,
    );
    if (!isAccepted(result)) return { result, ...(offset === 0 ? {} : { partial: true }) };
    if (offset + maxOperations >= operations.length) return { result };
    nextRequest = withIfMatch(nextRequest, versionOf(result).version);
  }
}

function withIfMatch(request: ScimRequest, version: string | undefined): ScimRequest {
  const { ifMatch, ...rest } = request;
  return ifMatch === undefined || version === undefined ? rest : { ...rest, ifMatch: quoteEtag(version) };
}
