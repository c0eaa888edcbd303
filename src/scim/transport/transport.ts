import type { Clock, Random } from '../../model/clock.ts';
import { instant, type Instant } from '../../model/ids.ts';
import { resourcePath, urlBuilder, withEndpoints } from '../encode/urls.ts';
import type { OperationExecution } from './execution.ts';
import type { Credentials, Headers } from './auth.ts';
import type { Dialect } from './dialect.ts';
import { createRateLimitBackoff, maxPauseMs } from './rate-limit-backoff.ts';
import { requestedPause } from './rate-limit-fields.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { CredentialCheck } from './credential-check.ts';
import {
  toResponse,
  type HttpResult,
  type HttpRequest,
  type NotSent,
  type Response,
  type ScimRequest,
  type Send,
  type SendResult,
  type NotAttempted,
} from './message.ts';
import { isGatewayPage } from '../judge/error-body.ts';
import { decide } from '../judge/judge-response.ts';
import { isRepeatedFailure, retryAfterMs, retryDelay } from './retry.ts';
import { redactResult } from './redact-result.ts';
import type { Throttle } from './throttle.ts';
import type { QuotaLease, Quotas } from './quotas.ts';

/** Sends requests to one target: with its credentials, under its rate limits, with retries. */
export interface Transport {
  /**
   * Makes one attempt. Waits for the rate limits, repeats the request after 429, and renews a token once after 401. The
   * caller judges every other response.
   *
   * @param isHandledByCaller whether a response has another meaning for this request, such as 429 for a conflict
   */
  send(
    request: ScimRequest,
    execution: OperationExecution,
    isHandledByCaller?: (response: Response) => boolean,
  ): Promise<HttpResult>;
  /** Repeats the request after temporary failures, at most `maxAttempts` times. Only for idempotent requests. */
  sendWithRetry(request: ScimRequest, execution: OperationExecution): Promise<HttpResult>;
  /** Waits before the next attempt. @returns false where no attempt is to follow */
  backOff(result: HttpResult, attempt: number, execution: OperationExecution): Promise<boolean>;
}

/** Base URL and dialect of a target. */
export interface TransportSettings {
  readonly url: string;
  readonly dialect: Dialect;
}

/** The parts that a transport combines. */
export interface TransportDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
  readonly throttle: Throttle;
  readonly quotas: Quotas;
  readonly credentials: Credentials;
  readonly credentialCheck: CredentialCheck;
  readonly circuitBreaker: CircuitBreaker;
  readonly counters: { requests: number; retries: number };
  /** Is called when the target asks for a pause, with the time at which it ends. */
  readonly onPause?: ((until: Instant) => void) | undefined;
  /** Aborted when the target is closed: this also aborts requests in flight. */
  readonly closed: AbortSignal;
}

/** Creates the transport of one target. */
export function createTransport({ url, dialect }: TransportSettings, io: TransportDeps): Transport {
  const { clock, random, throttle, credentials, credentialCheck, circuitBreaker, counters, closed } = io;
  const urlOf = urlBuilder(url);
  const rateLimitBackoff = createRateLimitBackoff(random);

  function send(
    request: ScimRequest,
    execution: OperationExecution,
    isHandledByCaller: (response: Response) => boolean = () => false,
  ): Promise<HttpResult> {
    const sent = (): Promise<HttpResult> => sendChecked(request, execution, isHandledByCaller);
    // Not the ServiceProviderConfig: many servers return it without valid credentials.
    const isProof = request.path.startsWith(resourcePath('User')) || request.path.startsWith(resourcePath('Group'));
    return credentialCheck.around(sent, isProof, () => sendChecked(firstUser, execution, () => false));
  }

  async function sendChecked(
    request: ScimRequest,
    execution: OperationExecution,
    isHandledByCaller: (response: Response) => boolean,
  ): Promise<HttpResult> {
    for (let renewals = 0; ;) {
      if (circuitBreaker.unavailableReason !== undefined) return notAttempted(circuitBreaker.unavailableReason);
      const lease = io.quotas.concern(request) ? await acquireQuota(request, execution) : undefined;
      if (lease !== undefined && 'kind' in lease) return lease;
      const headers = await credentials.headers(closed);
      if (isFailure(headers)) return headers;
      const { signal } = execution;
      const permit = throttle.tryAcquire(signal) ?? (await throttle.acquire(signal).catch(() => undefined));
      if (permit === undefined) return stopped;
      countSent(permit.grantedAt, lease, execution);
      const result = withShortText(
        normaliseBody(redactResult(await io.send(httpRequest(request, headers), closed), credentials.redact), dialect),
      );
      permit.release();
      countAnswer(request, result, execution);
      if (result.kind !== 'response' || isHandledByCaller(result)) return result;
      if (result.status === 401 && renewals === 0 && credentials.discard(headers)) renewals += 1;
      else if (!applyRetryAfter(request, result, permit.grantedAt)) return result;
      execution.retries += 1;
      counters.retries += 1;
    }
  }

  function countSent(at: Instant, lease: QuotaLease | undefined, execution: OperationExecution): void {
    lease?.markSent(at);
    execution.sentAt ??= at;
    execution.requests += 1;
    counters.requests += 1;
  }

  /** Waits until the quotas of the target admit the request. */
  async function acquireQuota(request: ScimRequest, execution: OperationExecution): Promise<QuotaLease | NotAttempted> {
    const lease = await io.quotas.acquire(request, execution.signal).catch((error: unknown) => {
      if (execution.signal.aborted) return stopped;
      throw error;
    });
    if ('tooLong' in lease) circuitBreaker.open(lease.tooLong);
    // The circuit may have opened meanwhile.
    return 'tooLong' in lease || circuitBreaker.unavailableReason !== undefined
      ? notAttempted(circuitBreaker.unavailableReason ?? '')
      : lease;
  }

  /** Pauses the whole target where the response asks for it. @returns whether to send the request again */
  function applyRetryAfter({ method }: ScimRequest, response: Response, sentAt: Instant): boolean {
    const now = clock.now();
    const kind = method === 'GET' ? 'read' : 'write';
    const isThrottled = decide(response) === 'rateLimited';
    if (!isThrottled) {
      circuitBreaker.answered(kind);
      if (decide(response) === 'accept') rateLimitBackoff.reset();
      pauseAtLimit(response, now);
      // 503 with Retry-After also asks for a pause, but does not promise that the request will succeed afterwards.
      if (decide(response) !== 'retry' || retryAfterMs(response, now) === undefined) return false;
    }
    const pause = rateLimitBackoff.pauseAfter(response, sentAt, now);
    io.onPause?.(pause.until);
    if (pause.tooLong !== undefined) circuitBreaker.open(pause.tooLong);
    else throttle.pauseUntil(pause.until);
    return isThrottled && circuitBreaker.throttled(kind, sentAt, now);
  }

  /** Sends no request that the target would refuse: the response shows that a rate limit is used up. */
  function pauseAtLimit(response: Response, now: Instant): void {
    const pause = requestedPause(response, now);
    // A longer pause is left to the 429 of the next request, so that a wrong field does not stop the target.
    if (pause?.field === 'RateLimit' && pause.ms <= maxPauseMs) throttle.pauseUntil(instant(now + pause.ms));
  }

  /** A target may answer reads and no write: the circuit breaker counts writes by themselves. */
  function countAnswer({ method }: ScimRequest, result: SendResult, execution: OperationExecution): void {
    if (method === 'GET') return;
    if (result.kind === 'response' && isGatewayPage(result)) circuitBreaker.writeBlocked(execution);
    else if (result.kind === 'response') circuitBreaker.writeAnswered();
    else if (result.kind === 'noResponse') circuitBreaker.writeUnanswered(execution);
  }

  function headersOf({ body, ifMatch }: Pick<ScimRequest, 'body' | 'ifMatch'>, credentialHeaders: Headers): Headers {
    return {
      accept: 'application/scim+json, application/json;q=0.9',
      ...(body === undefined ? {} : { 'content-type': dialect.contentType }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...dialect.headers,
      ...credentialHeaders,
    };
  }

  /** The headers of a request with a body and without If-Match, which most are, change only with the credentials. */
  let usual: { readonly credentialHeaders: Headers; readonly headers: Headers } | undefined;

  function usualHeaders(credentialHeaders: Headers): Headers {
    if (usual?.credentialHeaders !== credentialHeaders)
      usual = { credentialHeaders, headers: headersOf({ body: {} }, credentialHeaders) };
    return usual.headers;
  }

  function httpRequest(request: ScimRequest, credentialHeaders: Headers): HttpRequest {
    const isUsual = request.body !== undefined && request.ifMatch === undefined;
    const headers = isUsual ? usualHeaders(credentialHeaders) : headersOf(request, credentialHeaders);
    const { filter, ...query } = request.query ?? {};
    const encodedQuery = filter === undefined ? query : { filter: dialect.encodeFilter(filter), ...query };
    const body = request.body === undefined ? {} : { body: dialect.encodeBody(request.body) };
    return {
      method: request.method,
      url: urlOf(withEndpoints(request.path, dialect.endpoints), encodedQuery),
      headers,
      ...body,
    };
  }

  async function backOff(result: HttpResult, attempt: number, execution: OperationExecution): Promise<boolean> {
    const next = retryDelay(decide(result), attempt, random);
    if (next === 'stop' || circuitBreaker.unavailableReason !== undefined) return false;
    const hasWaited = await clock.sleep(next.wait, execution.signal).then(
      () => true,
      () => false,
    );
    if (!hasWaited) return false;
    execution.retries += 1;
    counters.retries += 1;
    return true;
  }

  return withRetry({ send, backOff });
}

/** Adds `sendWithRetry` to a transport of single attempts. */
export function withRetry({ send, backOff }: Pick<Transport, 'send' | 'backOff'>): Transport {
  return {
    send,
    backOff,
    async sendWithRetry(request, execution) {
      for (let attempt = 1; ; attempt += 1) {
        const result = await send(request, execution);
        if (request.method !== 'GET' && isRepeatedFailure(result, attempt)) return result;
        if (!(await backOff(result, attempt, execution))) return result;
      }
    },
  };
}

/** A request that needs valid credentials, and that every target answers. */
const firstUser: ScimRequest = { method: 'GET', path: resourcePath('User'), query: { startIndex: '1', count: '1' } };

const notAttempted = (detail: string): NotAttempted => ({ kind: 'notAttempted', reason: 'unavailable', detail });

const stopped: NotAttempted = {
  kind: 'notAttempted',
  reason: 'stopped',
  detail: 'stopped before it was sent; the next pass plans it again',
};

function isFailure(headers: Headers | NotSent | NotAttempted): headers is NotSent | NotAttempted {
  return headers['kind'] === 'notSent' || headers['kind'] === 'notAttempted';
}

function normaliseBody(result: SendResult, { decodeText }: Dialect): SendResult {
  if (result.kind !== 'response') return result;
  const text = decodeText(result.text);
  return text === result.text ? result : toResponse(result.status, result.headers, text);
}

/** Length of the text that a response keeps beside its parsed body, in UTF-16 code units. */
const maxTextLength = 65_536;

/** Only error messages are read from the text: a large response is not kept twice. */
function withShortText(result: SendResult): SendResult {
  if (result.kind !== 'response' || result.body === undefined || result.text.length <= maxTextLength) return result;
  // A slice would keep the whole text in memory.
  return { ...result, text: Buffer.from(result.text.slice(0, maxTextLength)).toString() };
}
