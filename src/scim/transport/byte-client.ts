import type { Readable } from 'node:stream';
import type { Clock, Random } from '../../model/clock.ts';
import type { ByteAnswer, ByteClient } from '../../model/http/byte-client.ts';
import type { ProxyRules } from '../../model/http/proxy.ts';
import type { AuthSettings } from '../../model/http/auth-settings.ts';
import type { Redact } from '../../model/redaction/redactor.ts';
import { nextTryText, openGate, type CredentialGate } from '../../model/credentials/credential-gate.ts';
import { createCredentials, type Headers } from './auth.ts';
import { createHttpClient } from './http.ts';
import type { TlsSettings } from './network/exchange.ts';
import type { NoResponse, NotAttempted, NotSent } from './message.ts';
import { maxAttempts, pauseText, retryAfterMs, retryDelay } from './retry.ts';
import { createStreamClient, type OpenResponse } from './network/stream-client.ts';

/** How a server that is not a SCIM target is reached: with the same credentials, TLS and redirect rules. */
export interface ByteClientSettings {
  readonly auth: AuthSettings;
  /** Of these credentials, for all clients that use them. */
  readonly gate?: CredentialGate | undefined;
  readonly tls?: TlsSettings | undefined;
  readonly proxy?: ProxyRules | undefined;
  /** Until the headers of a response have arrived, in milliseconds. */
  readonly timeoutMs: number;
  /** Version of scimsync, for the User-Agent. */
  readonly version: string;
}

/** A server that asks for a longer pause is left to the next pass. In milliseconds. */
const maxPauseMs = 120_000;

/** Creates the client. Sends nothing yet. */
export function createByteClient(
  { auth, gate = openGate, tls, proxy, timeoutMs, version }: ByteClientSettings,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): ByteClient {
  const settings = { concurrency: 1, timeoutMs, userAgent: `scimsync/${version}`, tls, proxy };
  const http = createHttpClient(settings);
  const streams = createStreamClient(settings);
  const credentials = createCredentials(auth, http.send, clock, gate);

  async function attempt(url: string, headers: Headers, signal: AbortSignal): Promise<Attempt> {
    const refusal = gate.closed();
    if (refusal !== undefined)
      return { kind: 'notAttempted', reason: 'unavailable', detail: `401 before. ${nextTryText(refusal)}` };
    const own = await credentials.headers(signal);
    if (isFailure(own)) return own;
    const response = await streams.open({ method: 'GET', url, headers: { ...headers, ...own } }, signal);
    if (response.kind !== 'open' || response.status !== 401 || !credentials.discard(own)) return response;
    discard(response.body);
    const renewed = await credentials.headers(signal);
    return isFailure(renewed)
      ? renewed
      : streams.open({ method: 'GET', url, headers: { ...headers, ...renewed } }, signal);
  }

  return {
    async get(url, headers, signal) {
      for (let tries = 1; ; tries += 1) {
        signal.throwIfAborted();
        const result = await attempt(url, headers, signal);
        if (result.kind === 'open' && result.status === 401) gate.refused();
        if (result.kind === 'open' && result.status < 300) gate.accepted();
        signal.throwIfAborted();
        const wait = tries < maxAttempts ? waitAfter(result, tries, clock, random) : undefined;
        if (wait === undefined || wait > maxPauseMs) return answerOf(result, wait, credentials.redact);
        if (result.kind === 'open') discard(result.body);
        await clock.sleep(wait, signal);
      }
    },
    close() {
      http.close();
      streams.close();
    },
  };
}

type Attempt = OpenResponse | NotSent | NoResponse | NotAttempted;

const isFailure = (headers: Headers | NotSent | NotAttempted): headers is NotSent | NotAttempted =>
  headers['kind'] === 'notSent' || headers['kind'] === 'notAttempted';

/** @returns undefined: no attempt is to follow. In milliseconds */
function waitAfter(result: Attempt, tries: number, clock: Clock, random: Random): number | undefined {
  if (result.kind === 'notAttempted') return undefined;
  const decision =
    result.kind === 'open' && result.status === 429
      ? 'rateLimited'
      : result.kind !== 'open' || result.status === 408 || (result.status >= 500 && result.status !== 501)
        ? 'retry'
        : 'accept';
  const requested = result.kind === 'open' && decision !== 'accept' ? retryAfterMs(result, clock.now()) : undefined;
  const delay = retryDelay(decision, tries, random);
  return requested ?? (delay === 'stop' ? undefined : delay.wait);
}

function answerOf(result: Attempt, pauseMs: number | undefined, redact: Redact): ByteAnswer {
  if (result.kind !== 'open') return { kind: 'failed', detail: redact(result.detail) };
  const { status, headers, body } = result;
  if (pauseMs === undefined) return { kind: 'answer', status, headers, body, discard: () => discard(body) };
  discard(body);
  return { kind: 'failed', detail: `${status}, and the server asks for a pause of ${pauseText(pauseMs)}` };
}

const discard = (body: Readable): void => void body.on('error', () => undefined).destroy();
