import type { CreateOperation } from '../../model/operation.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { LearnedCapabilities } from '../capabilities.ts';
import { encodeRequest } from '../encode/encode-request.ts';
import { scimTypeOf } from '../judge/error-body.ts';
import { decide, errorSummary, toOutcome } from '../judge/judge-response.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { Response } from '../transport/message.ts';
import { isInDoubt } from './create-lookup.ts';
import { createdOutcome } from './created-outcome.ts';

/**
 * Creates a user with only the attributes that nearly every application supports, after the target refused the full
 * user without a reason. The omitted attributes stay unresolved: the next update sends them, and its report names those
 * that the target refuses.
 */
export async function createMinimal(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  refusal: Response,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  const { body, omitted } = minimalAttributes(operation.body);
  const style = client.capabilities.requestStyle(operation.resourceType);
  const encoded = encodeRequest({ ...operation, body }, context, style);
  const result = encoded.kind === 'encoded' ? await client.transport.send(encoded.request, execution) : refusal;
  if (result.kind !== 'response' || decide(result) !== 'accept') {
    client.capabilities.minimalRetryFailed();
    return toOutcome(operation, isInDoubt(result) ? result : refusal);
  }
  const omittedPaths = omitted.join(', ');
  const note = `created without ${omittedPaths}; the target refused it with them: ${errorSummary(refusal)}`;
  return createdOutcome(client, context, { ...operation, body }, result, omitted, note, execution);
}

/**
 * Whether to retry a refused create with minimal attributes: only if the refusal gives no reason, and only once, so not
 * for a create that failed in an earlier pass.
 */
export function shouldRetryMinimal(
  refusal: Response,
  { failedBefore }: OperationContext,
  { resourceType, body }: CreateOperation,
  capabilities: LearnedCapabilities,
): boolean {
  if (resourceType === 'Group' || scimTypeOf(refusal) !== undefined || !capabilities.mayRetryMinimal()) return false;
  return minimalAttributes(body).omitted.length > 0 && failedBefore !== true;
}

function minimalAttributes(body: FlatResource): { readonly body: FlatResource; readonly omitted: readonly string[] } {
  const isEssential = (path: string): boolean => /^(userName|externalId|active|displayName|name\b|emails\b)/.test(path);
  const omitted = Object.keys(body).filter((path) => !isEssential(path));
  return { body: Object.fromEntries(Object.entries(body).filter(([path]) => isEssential(path))), omitted };
}
