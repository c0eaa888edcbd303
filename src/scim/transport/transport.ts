import type { Clock, Random } from '../../model/clock.ts';
import { urlBuilder, withEndpoints } from '../encode/urls.ts';
import type { OperationExecution } from './execution.ts';
import type { Credentials, Headers } from './auth.ts';
import type { Dialect } from './dialect.ts';
import { createRateLimitBackoff } from './rate-limit-backoff.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
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
import { decide } from '../judge/judge-response.ts';
import { retryDelay } from './retry.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Throttle } from './throttle.ts';
import type { QuotaLease, Quotas } from './quotas.ts';

/** How requests of one target reach it: at its pace, with its credentials, with patience. */
export interface Transport {
  /**
   * One attempt. Waits for its turn and through 429, and renews a token once; anything else is the caller's to judge.
   *
   * @param isHandledByCaller whether an answer means something else here than it usually does: 429 for a conflict
   */
  send(
    request: ScimRequest,
    execution: OperationExecution,
    isHandledByCaller?: (response: Response) => boolean,
  ): Promise<HttpResult>;
  /** As often as it takes and `retry` allows. Only for what may be said twice. */
  sendWithRetry(request: ScimRequest, execution: OperationExecution): Promise<HttpResult>;
  /** Waits before the attempt after `attempt`, if there is to be one. */
  backOff(result: HttpResult, attempt: number, execution: OperationExecution): Promise<boolean>;
}

export interface TransportSettings {
  readonly url: string;
  readonly dialect: Dialect;
}

export interface TransportDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
  readonly throttle: Throttle;
  readonly quotas: Quotas;
  readonly credentials: Credentials;
  readonly circuitBreaker: CircuitBreaker;
  readonly counters: { requests: number; retries: number };
  /** Aborted when the target is closed: then even what is in flight is given up. */
  readonly closed: AbortSignal;
}

export function createTransport({ url, dialect }: TransportSettings, io: TransportDeps): Transport {
  const { clock, random, throttle, credentials, circuitBreaker, counters, closed } = io;
  const urlOf = urlBuilder(url);
  const rateLimitBackoff = createRateLimitBackoff(random);

  async function send(
    request: ScimRequest,
    execution: OperationExecution,
    isHandledByCaller: (response: Response) => boolean = () => false,
  ): Promise<HttpResult> {
    for (let renewals = 0; ;) {
      const lease = await acquireQuota(request, execution);
      if ('kind' in lease) return lease;
      const headers = await credentials.headers(closed);
      if (isFailure(headers)) return headers;
      const permit = await throttle.acquire(execution.signal).catch(() => undefined);
      if (permit === undefined) return stopped;
      lease.markSent(permit.grantedAt);
      execution.sentAt ??= permit.grantedAt;
      execution.requests += 1;
      counters.requests += 1;
      const result = normaliseBody(
        redactSecrets(await io.send(httpRequest(request, headers), closed), credentials),
        dialect,
      );
      permit.release();
      if (result.kind !== 'response' || isHandledByCaller(result)) return result;
      if (result.status === 401 && renewals === 0 && credentials.discard(headers)) renewals += 1;
      else if (!applyRetryAfter(result, permit.grantedAt)) return result;
      execution.retries += 1;
      counters.retries += 1;
    }
  }

  /** Waits until the target's limits over longer times have room for it. */
  async function acquireQuota(request: ScimRequest, execution: OperationExecution): Promise<QuotaLease | NotAttempted> {
    if (circuitBreaker.unavailableReason !== undefined) return notAttempted(circuitBreaker.unavailableReason);
    const counted = await io.quotas.acquire(request, execution.signal).catch(() => stopped);
    if ('tooLong' in counted) circuitBreaker.open(counted.tooLong);
    // It may have been given up meanwhile.
    return 'tooLong' in counted || circuitBreaker.unavailableReason !== undefined
      ? notAttempted(circuitBreaker.unavailableReason ?? '')
      : counted;
  }

  /** Whether the whole target was paused because of this answer, so that it is to be asked once more. */
  function applyRetryAfter(response: Response, sentAt: Parameters<typeof rateLimitBackoff.pauseAfter>[1]): boolean {
    const now = clock.now();
    const isThrottled = decide(response) === 'rateLimited';
    if (!isThrottled) {
      circuitBreaker.answered();
      if (decide(response) === 'accept') rateLimitBackoff.reset();
      // 503 with Retry-After asks for the same as 429, but is no promise that the request will be welcome then.
      if (decide(response) !== 'retry' || retryAfterMs(response, now) === undefined) return false;
    }
    const pause = rateLimitBackoff.pauseAfter(response, sentAt, now);
    if ('tooLong' in pause) circuitBreaker.open(pause.tooLong);
    else throttle.pauseUntil(pause.until);
    return isThrottled && circuitBreaker.throttled(now);
  }

  function httpRequest(request: ScimRequest, credentialHeaders: Headers): HttpRequest {
    const headers = {
      accept: 'application/scim+json, application/json;q=0.9',
      ...(request.body === undefined ? {} : { 'content-type': dialect.contentType }),
      ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
      ...dialect.headers,
      ...credentialHeaders,
    };
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

/** An exchange of single attempts that also repeats them. */
export function withRetry({ send, backOff }: Pick<Transport, 'send' | 'backOff'>): Transport {
  return {
    send,
    backOff,
    async sendWithRetry(request, execution) {
      for (let attempt = 1; ; attempt += 1) {
        const result = await send(request, execution);
        if (!(await backOff(result, attempt, execution))) return result;
      }
    },
  };
}

const notAttempted = (detail: string): NotAttempted => ({ kind: 'notAttempted', reason: 'unavailable', detail });

const stopped: NotAttempted = {
  kind: 'notAttempted',
  reason: 'stopped',
  detail: 'stopped before it was sent; the next pass finds it again',
};

function isFailure(headers: Headers | NotSent | NotAttempted): headers is NotSent | NotAttempted {
  return headers['kind'] === 'notSent' || headers['kind'] === 'notAttempted';
}

function normaliseBody(result: SendResult, { decodeText }: Dialect): SendResult {
  if (result.kind !== 'response') return result;
  const text = decodeText(result.text);
  return text === result.text ? result : toResponse(result.status, result.headers, text);
}

/** Some servers quote the credentials that they refuse; they must not reach a journal that way. */
function redactSecrets(result: SendResult, credentials: Credentials): SendResult {
  if (result.kind === 'response' && result.status < 300) return result;
  const clean = (text: string): string =>
    credentials.secrets().reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '•••')), text);
  return result.kind === 'response'
    ? toResponse(result.status, result.headers, clean(result.text))
    : { ...result, detail: clean(result.detail) };
}
