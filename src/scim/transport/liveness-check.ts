import type { PerformOutcome } from '../operation-context.ts';
import { resourcePath } from '../encode/urls.ts';
import type { OperationExecution } from './execution.ts';
import type { Transport } from './transport.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { decide, describeResult } from '../judge/judge-response.ts';

/** Tells a target that is down, or that does not know us any more, from a few records that it cannot digest. */
export interface LivenessCheck {
  afterOperation(outcome: PerformOutcome, execution: OperationExecution): Promise<void>;
}

/**
 * After several failures in a row the target is asked a plain question. If it cannot answer that either, it is left alone for the
 * rest of the pass; if it can, the records are to blame, and a poisoned record must not stop its target.
 */
export function createLivenessCheck(transport: Transport, circuitBreaker: CircuitBreaker): LivenessCheck {
  let pendingPing: Promise<void> | undefined;

  async function ping(failure: 'unavailable' | 'denied', execution: OperationExecution): Promise<void> {
    // Not the ServiceProviderConfig: many show it to anybody, with or without a valid token.
    const result = await transport.send(
      { method: 'GET', path: resourcePath('User'), query: { startIndex: '1', count: '1' } },
      execution,
    );
    const decision = decide(result);
    if (decision === 'notAttempted') return;
    if (decision === 'retry')
      circuitBreaker.open(
        `it could not carry out several operations in a row, nor answer a plain question (${describeResult(result)})`,
      );
    else if (decision === 'denied' && failure === 'denied')
      circuitBreaker.open(
        `it refused the credentials several times in a row (${describeResult(result)}); look at "auth" of this target`,
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
