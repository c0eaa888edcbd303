import type { SampleLimits } from '../write-samples.ts';
import type { Profile } from '../../model/profile.ts';
import type { Clock, Random } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';
import type { RequestCounts } from '../../model/target/request-counts.ts';
import type { ProxyRules } from '../../model/http/proxy.ts';
import type { AuthSettings } from '../../model/http/auth-settings.ts';
import { openGate, type CredentialGate } from '../../model/credentials/credential-gate.ts';
import { createCredentials } from './auth.ts';
import { createCredentialCheck } from './credential-check.ts';
import { dialectOf } from './dialect.ts';
import { createTransport, type Transport } from './transport.ts';
import { createCircuitBreaker, type CircuitBreaker } from './circuit-breaker.ts';
import { createHttpClient } from './http.ts';
import type { TlsSettings } from './network/exchange.ts';
import type { Send } from './message.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { createQuotas } from './quotas.ts';

/** Address, credentials and limits of a target. */
export interface ConnectionSettings {
  readonly name: string;
  readonly url: string;
  readonly profile: Profile;
  readonly auth: AuthSettings;
  readonly tls?: TlsSettings | undefined;
  readonly proxy?: ProxyRules | undefined;
  /** Time limit of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** How many writes are read back; undefined: none. */
  readonly samples?: SampleLimits;
  /** Version of scimsync, for the User-Agent. */
  readonly version: string;
}

/** The outside world of a connection; tests replace it. */
export interface ConnectionDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Replaces the real network. */
  readonly send?: Send;
  /** Is called when the target asks for a pause, with the time at which it ends. */
  readonly onPause?: ((until: Instant) => void) | undefined;
  /** Of the credentials, for all connections that use them. */
  readonly gate?: CredentialGate | undefined;
  /** Counts of requests for the quotas, which outlive this connection. */
  readonly requestCounts?: RequestCounts;
  /** Wraps `send`, and so sees every request with its response. */
  readonly intercept?: (send: Send) => Send;
}

/**
 * The connection to one target, with its rate limits and credentials. It sends requests; operations are built on top.
 */
export interface Connection {
  readonly transport: Transport;
  readonly circuitBreaker: CircuitBreaker;
  readonly throttle: Throttle;
  readonly counters: { readonly requests: number; readonly retries: number };
  /** Aborts requests in flight and closes the connections. */
  close(): void;
}

/** Builds the transport stack of a target. Sends no request yet. */
export function openConnection(settings: ConnectionSettings, deps: ConnectionDeps): Connection {
  const { clock, random, send: customSend, intercept = (send) => send } = deps;
  const { name, url, profile, timeoutMs, tls, proxy, version } = settings;
  const { limits } = profile;
  const closing = new AbortController();
  const counters = { requests: 0, retries: 0 };
  const http = createHttpClient({
    concurrency: limits.concurrency,
    timeoutMs,
    userAgent: `scimsync/${version}`,
    tls,
    proxy,
  });
  const send = intercept(customSend ?? http.send);
  const circuitBreaker = createCircuitBreaker(name);
  const throttle = createThrottle(limits, clock);
  const quotas = createQuotas(limits.quotas, clock, deps.requestCounts);
  const { gate = openGate } = deps;
  const credentials = createCredentials(settings.auth, send, clock, gate);
  const credentialCheck = createCredentialCheck(gate, circuitBreaker);
  const transport = createTransport(
    { url, dialect: dialectOf(profile) },
    {
      ...{ clock, random, send, throttle, quotas, credentials, credentialCheck, circuitBreaker, counters },
      ...{ onPause: deps.onPause, closed: closing.signal },
    },
  );
  return {
    transport,
    circuitBreaker,
    throttle,
    counters,
    close() {
      closing.abort(new Error(`${name} is closed`));
      http.close();
    },
  };
}
