import type { Profile } from '../model/profile.ts';
import type { Clock, Random } from '../model/world.ts';
import { openCredentials, type AuthSettings } from './auth.ts';
import { dialectOf } from './dialect.ts';
import { openExchange, type Exchange } from './exchange.ts';
import { openHealth, type Health } from './health.ts';
import { openHttp, type TlsSettings } from './http.ts';
import type { Send } from './message.ts';
import { openThrottle, type Throttle } from './throttle.ts';
import { openWindows, type Windows } from './windows.ts';

/** Where a target is, how it knows us, and how fast it may be asked. */
export interface LineSettings {
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

export interface LineWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** The real network where it is absent. */
  readonly send?: Send;
  /** Limits over longer times that were counted before this target was opened. */
  readonly windows?: Windows;
  /** Stands between us and the network, and sees every request with its answer. */
  readonly tap?: (send: Send) => Send;
}

/** The way to one target, at its pace and with its credentials: requests, not yet operations. */
export interface Line {
  readonly exchange: Exchange;
  readonly health: Health;
  readonly throttle: Throttle;
  readonly counters: { readonly requests: number; readonly retries: number };
  /** Gives up what is in flight and closes the connections. */
  close(): void;
}

export function openLine(settings: LineSettings, world: LineWorld): Line {
  const { clock, random, send: given, tap = (send) => send } = world;
  const { name, url, profile, timeoutMs, tls, version } = settings;
  const { allows } = profile;
  const closing = new AbortController();
  const counters = { requests: 0, retries: 0 };
  const http = openHttp({
    concurrency: allows.concurrency,
    timeoutMs,
    userAgent: `scimsync/${version}`,
    ...(tls === undefined ? {} : { tls }),
  });
  const send = tap(given ?? http.send);
  const health = openHealth(name);
  const throttle = openThrottle(allows, clock);
  const windows = world.windows ?? openWindows(allows.windows, clock);
  const credentials = openCredentials(settings.auth, send, clock);
  const exchange = openExchange(
    { url, dialect: dialectOf(profile) },
    { clock, random, send, throttle, windows, credentials, health, counters, closed: closing.signal },
  );
  return {
    exchange,
    health,
    throttle,
    counters,
    close() {
      closing.abort(new Error(`${name} is closed`));
      http.close();
    },
  };
}
