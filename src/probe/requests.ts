import { newExecution } from '../scim/transport/execution.ts';
import { errorSummary } from '../scim/judge/judge-response.ts';
import type { Response, ScimRequest } from '../scim/transport/message.ts';
import type { Transport } from '../scim/transport/transport.ts';
import { NoResponseError, StoppedError, unreachable } from './errors.ts';

/**
 * Sends one request and returns its response, whatever the status. GET, PUT, PATCH and DELETE are retried if no
 * response arrives.
 *
 * @param handledStatuses statuses that the caller handles itself and that are therefore not retried
 * @throws NoResponseError after the last attempt, StoppedError, TargetUnusableError
 */
export type SendRequest = (request: ScimRequest, handledStatuses?: readonly number[]) => Promise<Response>;

/** Dependencies of the requests of a probe. */
export interface RequestDeps {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** The users endpoint, which the ping reads. */
  readonly usersPath: string;
  readonly pause: (milliseconds: number) => Promise<void>;
}

const maxAttempts = 3;
/** Pause before a request is repeated after 503, in milliseconds; pings wait a multiple of it. */
const retryDelayMs = 1000;

/** The simplest request: a page with one user. */
export const ping = (usersPath: string): ScimRequest => ({
  method: 'GET',
  path: usersPath,
  query: { startIndex: '1', count: '1' },
});
const isPing = ({ method, query }: ScimRequest): boolean =>
  method === 'GET' && query?.['startIndex'] === '1' && query['count'] === '1';
/** Statuses that may concern every request: then they are no finding about this one. */
const isTargetFailure = ({ status }: Response): boolean => [401, 502, 503, 504].includes(status);

/**
 * Sends requests with retries. A status that may concern the whole target is confirmed by a ping before it is returned.
 */
export function createRequestSender({ transport, signal, usersPath, pause }: RequestDeps): SendRequest {
  async function send(request: ScimRequest, handledStatuses: readonly number[] = [], attempt = 1): Promise<Response> {
    const response = await sendWithRetry(request, handledStatuses);
    if (!isTargetFailure(response) || isPing(request)) return response;
    await waitUntilReachable();
    // RFC 9110 section 15.6.4: the target is overloaded. Some targets limit their rate this way.
    if (response.status !== 503 || handledStatuses.includes(503) || attempt >= maxAttempts) return response;
    await pause(retryDelayMs);
    return send(request, handledStatuses, attempt + 1);
  }

  /** @throws TargetUnusableError if the pings fail too */
  async function waitUntilReachable(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await sendWithRetry(ping(usersPath), []);
      if (!isTargetFailure(response)) return;
      if (response.status === 401 || attempt >= maxAttempts)
        throw unreachable(`every request now gets an error: ${errorSummary(response)}`);
      await pause(retryDelayMs * attempt);
    }
  }

  async function sendWithRetry(request: ScimRequest, handledStatuses: readonly number[]): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const execution = newExecution(signal);
      const result = await transport.send(request, execution, (response) => handledStatuses.includes(response.status));
      if (result.kind === 'notAttempted')
        throw result.reason === 'stopped' ? new StoppedError() : unreachable(result.detail);
      const isRetryable = result.kind !== 'response' || [408, 502, 503, 504].includes(result.status);
      const mayRetry =
        request.method !== 'POST' &&
        attempt < maxAttempts &&
        !handledStatuses.includes(result.kind === 'response' ? result.status : 0);
      if (isRetryable && mayRetry && (await transport.backOff(result, attempt, execution))) continue;
      if (result.kind !== 'response') throw new NoResponseError(`${request.method} ${request.path}: ${result.detail}`);
      return result;
    }
  }

  return send;
}
