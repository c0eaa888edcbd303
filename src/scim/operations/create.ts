import type { CreateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Protocol } from '../../model/profile.ts';
import { encodeRequest, type EncodedRequest } from '../encode/encode-request.ts';
import { decide, isConflict, toOutcome } from '../judge/judge-response.ts';
import type { ClientContext, OperationContext, PerformOutcome } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import { createMinimal, shouldRetryMinimal } from './create-minimal.ts';
import {
  afterConflict,
  beforeCreate,
  externalGroup,
  isInDoubt,
  lookUpExisting,
  whileInDoubt,
} from './create-lookup.ts';
import { createdOutcome } from './created-outcome.ts';

/**
 * Creates a resource exactly once.
 *
 * POST is not idempotent: after an attempt that may have taken effect, the resource is looked up before POST is sent
 * again. The caller decides the ownership of an existing resource.
 */
export async function create(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  execution: OperationExecution,
): Promise<PerformOutcome> {
  if (operation.resourceType === 'Group' && client.profile.supports.groupsReadOnly)
    return externalGroup(await lookUpExisting(client, context, operation, execution), operation);
  const encoded = encodeRequest(operation, context, client.capabilities.requestStyle(operation.resourceType));
  if (encoded.kind === 'notEncodable') return { kind: 'skipped', detail: encoded.detail };
  if (context.mayDuplicate !== true || context.isInDoubt) return post(client, context, operation, encoded, execution);
  const verdict = beforeCreate(await lookUpExisting(client, context, operation, execution));
  return verdict.kind === 'send' ? post(client, context, operation, encoded, execution, verdict.note) : verdict;
}

async function post(
  client: ClientContext,
  context: OperationContext,
  operation: CreateOperation,
  encoded: EncodedRequest,
  execution: OperationExecution,
  note?: string,
): Promise<PerformOutcome> {
  const { transport, profile, capabilities } = client;
  // The result that left the create in doubt: of an earlier pass, or of this one.
  let inDoubt: HttpResult | 'earlier' | undefined = context.isInDoubt ? 'earlier' : undefined;
  let conflictRules: Pick<Protocol, 'conflictStatuses' | 'conflictMessages'> = profile.protocol;
  const mayMeanConflict = (response: Response): boolean => isConflict(response, conflictRules);

  for (let attempt = 1; ; attempt += 1) {
    if (inDoubt !== undefined) {
      const lookup = await lookUpExisting(client, context, operation, execution);
      const verdict = whileInDoubt(lookup, inDoubt, operation, context.resolve);
      if (verdict.kind !== 'send') return verdict;
      note = verdict.note ?? note;
    }
    const result = await transport.send(encoded.request, execution, mayMeanConflict);
    if (result.kind === 'response') {
      if (mayMeanConflict(result)) {
        const outcome = afterConflict(await lookUpExisting(client, context, operation, execution), result);
        if (outcome !== 'noConflict') return outcome;
        // From now on the status has its usual meaning: 429, or a failure.
        conflictRules = {
          ...conflictRules,
          conflictStatuses: conflictRules.conflictStatuses.filter((status) => status !== result.status),
        };
        continue;
      }
      const decision = decide(result);
      if (decision === 'accept')
        return createdOutcome(client, context, operation, result, encoded.unresolved, note, execution);
      if (decision === 'rejected' && shouldRetryMinimal(result, context, operation, capabilities))
        return createMinimal(client, context, operation, result, execution);
    }
    if (isInDoubt(result)) inDoubt = result;
    if (!(await transport.backOff(result, attempt, execution))) return finalOutcome(operation, result, inDoubt);
  }
}

function finalOutcome(
  operation: CreateOperation,
  result: HttpResult,
  inDoubt: HttpResult | 'earlier' | undefined,
): Outcome {
  const outcome = toOutcome(operation, result);
  // An earlier attempt of this pass may have taken effect, although the last one did not.
  const isStillInDoubt =
    inDoubt !== undefined && inDoubt !== 'earlier' && (outcome.kind === 'unavailable' || outcome.kind === 'skipped');
  return isStillInDoubt ? { kind: 'unknown', detail: `sent without an answer; then ${outcome.detail}` } : outcome;
}
