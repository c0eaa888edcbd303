import type { Profile } from '../../model/profile.ts';
import type { Clock, Random } from '../../model/clock.ts';
import { createCredentials, type AuthSettings } from './auth.ts';
import { dialectOf } from './dialect.ts';
import { createTransport, type Transport } from './transport.ts';
import { createCircuitBreaker, type CircuitBreaker } from './circuit-breaker.ts';
import { createHttpClient, type TlsSettings } from './http.ts';
import type { Send } from './message.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { createQuotas, type Quotas } from './quotas.ts';

/** Where a target is, how it knows us, and how fast it may be asked. */
export interface ConnectionSettings {
  readonly name: string;
  readonly url: string;
  readonly profile: Profile;
  readonly auth: AuthSettings;
  readonly tls?: TlsSettings;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Ours, for the User-Agent. */
  readonly version: string;
}

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** The real network where it is absent. */
  readonly send?: Send;
  /** Limits over longer times that were counted before this target was opened. */
  readonly quotas?: Quotas;
  /** Stands between us and the network, and sees every request with its answer. */
  readonly intercept?: (send: Send) => Send;
}

/** The way to one target, at its pace and with its credentials: requests, not yet operations. */
export interface Connection {
  readonly transport: Transport;
  readonly circuitBreaker: CircuitBreaker;
  readonly throttle: Throttle;
  readonly counters: { readonly requests: number; readonly retries: number };
  /** Gives up what is in flight and closes the connections. */
  close(): void;
}

export function openConnection(settings: ConnectionSettings, deps: ConnectionDeps): Connection {
  const { clock, random, send: customSend, intercept = (send) => send } = deps;
  const { name, url, profile, timeoutMs, tls, version } = settings;
  const { limits } = profile;
  const closing = new AbortController();
  const counters = { requests: 0, retries: 0 };
  const http = createHttpClient({
    concurrency: limits.concurrency,
    timeoutMs,
    userAgent: `scimsync/${version}`,
    ...(tls === undefined ? {} : { tls }),
  });
  const send = intercept(customSend ?? http.send);
  const circuitBreaker = createCircuitBreaker(name);
  const throttle = createThrottle(limits, clock);
  const quotas = deps.quotas ?? createQuotas(limits.quotas, clock);
  const credentials = createCredentials(settings.auth, send, clock);
  const transport = createTransport(
    { url, dialect: dialectOf(profile) },
    { clock, random, send, throttle, quotas, credentials, circuitBreaker, counters, closed: closing.signal },
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
