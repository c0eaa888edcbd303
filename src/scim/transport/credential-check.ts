import { Mutex } from 'async-mutex';
import { nextTryText, type CredentialGate, type Refusal } from '../../model/credentials/credential-gate.ts';
import { describeResult, isAccepted } from '../judge/judge-response.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { HttpResult } from './message.ts';

/** After this number of 401 in a row, accepted credentials are checked again. Single ones may concern a resource. */
const denialsBeforeCheck = 3;

/** Finds out early whether the target accepts the credentials, with as few requests as possible. */
export interface CredentialCheck {
  /**
   * Sends a request. Until a target has accepted the credentials, requests go one by one; refused ones end the pass.
   *
   * @param isProof whether the target answers this request only to valid credentials
   * @param probe another request that it answers only to valid credentials
   */
  around(send: () => Promise<HttpResult>, isProof: boolean, probe: () => Promise<HttpResult>): Promise<HttpResult>;
}

/** Creates the check of one connection; the gate outlives it. */
export function createCredentialCheck(gate: CredentialGate, circuitBreaker: CircuitBreaker): CredentialCheck {
  const oneByOne = new Mutex();
  const refuse = (answer: string, refusal: Refusal): void =>
    circuitBreaker.open(`it refused the credentials (${answer}); check "auth" of this target. ${nextTryText(refusal)}`);

  async function checked(
    send: () => Promise<HttpResult>,
    isProof: boolean,
    probe: () => Promise<HttpResult>,
  ): Promise<HttpResult> {
    const refusal = gate.closed();
    if (refusal !== undefined) refuse(`${refusal.count} times`, refusal);
    const result = await send();
    if (isAccepted(result) && isProof) gate.accepted();
    if (!isUnauthorized(result)) return result;
    const isProven = gate.isProven;
    const denials = gate.denied();
    if (gate.isRetry) refuse(describeResult(result), gate.refused());
    else if (!isProven || denials >= denialsBeforeCheck) {
      const again = await probe();
      if (isAccepted(again)) gate.accepted();
      else if (isUnauthorized(again)) refuse(describeResult(again), gate.refused());
    }
    return result;
  }

  return {
    around: (send, isProof, probe) =>
      gate.isProven ? checked(send, isProof, probe) : oneByOne.runExclusive(() => checked(send, isProof, probe)),
  };
}

const isUnauthorized = (result: HttpResult): boolean => result.kind === 'response' && result.status === 401;
