import type { PerformOutcome } from '../operation-context.ts';
import { resourcePath } from '../encode/urls.ts';
import type { OperationExecution } from './execution.ts';
import type { Transport } from './transport.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { decide, describeResult } from '../judge/judge-response.ts';

/** Distinguishes a target that is down, or refuses the credentials, from a few records that it cannot process. */
export interface LivenessCheck {
  afterOperation(outcome: PerformOutcome, execution: OperationExecution): Promise<void>;
}

/**
 * After several consecutive failures, pings the target with a GET of one user. If the ping fails too, the circuit opens
 * for the rest of the pass. If it succeeds, the records are the cause, and a bad record must not stop its target.
 */
export function createLivenessCheck(transport: Transport, circuitBreaker: CircuitBreaker): LivenessCheck {
  let pendingPing: Promise<void> | undefined;

  async function ping(failure: 'unavailable' | 'denied', execution: OperationExecution): Promise<void> {
    // Not the ServiceProviderConfig: many servers return it without a valid token.
    const result = await transport.send(
      { method: 'GET', path: resourcePath('User'), query: { startIndex: '1', count: '1' } },
      execution,
    );
    const decision = decide(result);
    if (decision === 'notAttempted') return;
    if (decision === 'retry')
      circuitBreaker.open(
        `several operations in a row failed, and so did a GET of one user (${describeResult(result)})`,
      );
    else if (decision === 'denied' && failure === 'denied')
      circuitBreaker.open(
        `it refused the credentials several times in a row (${describeResult(result)}); check "auth" of this target`,
      );
    else circuitBreaker.recovered();
  }

  return {
    async afterOperation(outcome, execution) {
      const why = failureOf(outcome);
      if (why === 'none') circuitBreaker.succeeded();
      if (
        why === 'none' ||
        why === 'unrelated' ||
        !circuitBreaker.failed(why) ||
        circuitBreaker.unavailableReason !== undefined
      )
        return;
      pendingPing ??= ping(why, execution).finally(() => {
        pendingPing = undefined;
      });
      await pendingPing;
    },
  };
}

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
    case 'needsMembers':
      return 'unrelated';
  }
}
