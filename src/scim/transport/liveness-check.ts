import type { PerformOutcome, PreparedOperation } from '../operation-context.ts';
import { isHtml } from '../judge/error-body.ts';
import { parseListResponse } from '../read/list-response.ts';
import { isBlocked, nextBurst, resourcesBeforeCheck, type RefusalBurst } from './refusal-burst.ts';
import type { HttpResult } from './message.ts';
import { resourcePath } from '../encode/urls.ts';
import type { OperationExecution } from './execution.ts';
import type { Transport } from './transport.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { decide, describeResult } from '../judge/judge-response.ts';

/** Distinguishes a target that is down, or refuses the credentials, from a few records that it cannot process. */
export interface LivenessCheck {
  /** @returns a check to wait for, if one is due */
  afterOperation(
    prepared: PreparedOperation,
    outcome: PerformOutcome,
    execution: OperationExecution,
  ): Promise<void> | undefined;
}

type Failure = 'unavailable' | 'denied' | 'burst';

/**
 * After several consecutive failures, pings the target with a GET of one user. If the ping fails too, the circuit opens
 * for the rest of the pass. If it succeeds, the records are the cause, and a bad record must not stop its target.
 *
 * The same 404, 405 or 5xx to several resources is a failure, too: a gateway answers so while the application is away.
 * Then the ping must return a list, and a GET of the last resource must not be answered in the same way. A gateway may
 * also block changes alone: after the same 404 to twenty resources that reads show, the circuit opens.
 */
export function createLivenessCheck(transport: Transport, circuitBreaker: CircuitBreaker): LivenessCheck {
  let pendingPing: Promise<void> | undefined;
  let burst: RefusalBurst | undefined;
  /** Resources of the burst when reads were last answered. */
  let checkedResources = 0;

  async function ping(
    failure: Failure,
    { operation: { resourceType }, remoteId }: PreparedOperation,
    execution: OperationExecution,
  ): Promise<void> {
    // Not the ServiceProviderConfig: many servers return it without a valid token.
    const result = await transport.send(
      { method: 'GET', path: resourcePath('User'), query: { startIndex: '1', count: '1' } },
      execution,
    );
    const reason = stopReason(failure, result);
    if (reason !== undefined) return circuitBreaker.open(reason);
    if (decide(result) === 'notAttempted') return;
    if (failure === 'burst' && remoteId !== undefined) {
      const read = await transport.send({ method: 'GET', path: resourcePath(resourceType, remoteId) }, execution);
      if (isGatewayAnswer(read))
        return circuitBreaker.open(
          `several changes in a row were answered in the same way, and so was a GET (${describeResult(read)})`,
        );
    }
    checkedResources = burst?.resources.size ?? 0;
    circuitBreaker.recovered();
  }

  return {
    afterOperation(prepared, outcome, execution) {
      const failure = failureAfter(prepared, outcome);
      if (failure === undefined || circuitBreaker.unavailableReason !== undefined) return undefined;
      pendingPing ??= ping(failure, prepared, execution).finally(() => {
        pendingPing = undefined;
      });
      return pendingPing;
    },
  };

  /** Counts the outcome. @returns the kind of failure if a ping is due */
  function failureAfter({ operation }: PreparedOperation, outcome: PerformOutcome): Failure | undefined {
    const why = failureOf(outcome);
    if (why === 'none') circuitBreaker.succeeded();
    // A create has no id: the records themselves may be refused.
    if (operation.action !== 'create' && operation.action !== 'verifyCreate')
      burst = nextBurst(burst, `${operation.resourceType}:${operation.key}`, outcome);
    else if (why === 'none') burst = undefined;
    const isDue = why !== 'none' && why !== 'unrelated' && circuitBreaker.failed(why);
    const resources = burst?.resources.size ?? 0;
    checkedResources = Math.min(checkedResources, resources);
    if (burst !== undefined && isBlocked(burst))
      circuitBreaker.open(
        `the changes of ${resources} resources in a row were answered ${burst.shape.slice(0, 3)}, although reads ` +
          'show the resources; check whether changes reach the application',
      );
    if (resources >= checkedResources + resourcesBeforeCheck) return 'burst';
    return isDue ? why : undefined;
  }
}

/** Why the answer to a ping stops the target; undefined: the target is available. */
function stopReason(failure: Failure, result: HttpResult): string | undefined {
  const decision = decide(result);
  if (decision === 'retry')
    return `several operations in a row failed, and so did a GET of one user (${describeResult(result)})`;
  if (decision === 'denied' && failure === 'denied')
    return `it refused the credentials several times in a row (${describeResult(result)}); check "auth" of this target`;
  const isPlausible =
    result.kind !== 'response' ||
    (!isHtml(result) && decision !== 'notFound' && (decision !== 'accept' || parseListResponse(result) !== undefined));
  return failure === 'burst' && !isPlausible
    ? 'several changes in a row were answered in the same way, and a GET of one user is not answered with a list ' +
        `(${describeResult(result)})`
    : undefined;
}

/** Whether a GET by id is answered by a web page, or with a failure. */
const isGatewayAnswer = (result: HttpResult): boolean =>
  decide(result) === 'retry' || (result.kind === 'response' && isHtml(result));

function failureOf(outcome: PerformOutcome): 'unavailable' | 'denied' | 'none' | 'unrelated' {
  switch (outcome.kind) {
    case 'done':
    case 'adopted':
    case 'existing':
    case 'notFound':
      return 'none';
    case 'unavailable':
    case 'unknown':
      return 'unavailable';
    case 'rejected':
      return outcome.status === 401 || outcome.status === 403 ? 'denied' : 'unrelated';
    case 'skipped':
    case 'valueTaken':
    case 'needsMembers':
      return 'unrelated';
  }
}
