import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { buildConnector, Dispatcher, Pool } from 'undici';
import { freeBytes, maxResponseBytes, type ResponseMemory } from '../response-memory.ts';
import type { HttpRequest } from '../message.ts';
import { createAbortGroups, type Abortable, type AbortGroups } from './abort-groups.ts';
import type { ProxyRules } from '../../../model/http/proxy.ts';
import { codingsOf } from './content-codings.ts';
import { originAndPath } from './origin-and-path.ts';
import { textHeaders } from './text-headers.ts';
import { createTunnels, type Tunnels } from './tunnels.ts';

/** PEM texts: a client certificate with its key, and the certificate authority of the target. */
export interface TlsSettings {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

/** One response with its body as it came, perhaps compressed. */
export interface ReceivedResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Frees the memory that is reserved for the response and what it becomes; undefined: it needed none. */
  readonly free: (() => void) | undefined;
}

/** The deadline passed. `wasSent`: a connection existed, so the request may have taken effect. */
export class DeadlineError extends Error {
  readonly wasSent: boolean;

  constructor(wasSent: boolean) {
    super('the deadline passed');
    this.wasSent = wasSent;
  }
}

/** Settings of the connections. */
export interface ExchangeSettings {
  readonly concurrency: number;
  /** For a whole exchange, in ms. It begins again when a large response gets its memory. */
  readonly timeoutMs: number;
  readonly tls: TlsSettings | undefined;
  readonly proxy: ProxyRules | undefined;
  readonly memory: ResponseMemory;
}

/** Connections on which requests are exchanged for responses. */
export interface Exchanges {
  /** @throws DeadlineError, the reason of the signal, or the error of the network */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<ReceivedResponse>;
  /** Closes all connections. */
  close(): void;
}

/**
 * Opens no connection yet. For the usual response, an exchange creates neither a stream nor an abort controller: they
 * cost more than the request itself.
 */
export function createExchanges(settings: ExchangeSettings): Exchanges {
  const { concurrency, timeoutMs, tls, proxy } = settings;
  const deps = { ...settings, aborts: createAbortGroups() };
  let isClosed = false;
  let connections: Connections | undefined;
  const connect = (): Connections => {
    const undici = loadUndici();
    const connector = createConnector(
      undici.buildConnector({ ...tls, timeout: timeoutMs }),
      createTunnels(proxy, timeoutMs),
    );
    // The timeouts of undici are off: one deadline covers the whole exchange. With an idle timeout alone, a slow
    // response could take for ever.
    const limits = { connections: concurrency, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 };
    const pools = new Map<string, Pool>();
    return {
      to(origin) {
        let pool = pools.get(origin);
        if (pool === undefined)
          pools.set(origin, (pool = new undici.Pool(origin, { ...limits, connect: connector.connect })));
        return pool;
      },
      close() {
        for (const pool of pools.values()) void pool.destroy();
        connector.close();
      },
    };
  };
  return {
    exchange: ({ method, url, headers, body }, signal) =>
      new Promise((resolve, reject) => {
        // An earlier attempt may have been sent, so this is no proof that nothing was.
        if (isClosed) throw new Error('the target is closed');
        connections ??= connect();
        const running = new Exchange(deps, signal, resolve, reject);
        if (running.isOver) return;
        const { origin, path } = originAndPath(url);
        connections.to(origin).dispatch({ origin, path, method, headers, body: body ?? null }, running);
      }),
    close() {
      isClosed = true;
      connections?.close();
    },
  };
}

interface Undici {
  readonly Pool: typeof Pool;
  readonly buildConnector: typeof buildConnector;
}

const require = createRequire(import.meta.url);
let loaded: Undici | undefined;

/**
 * The connections of undici without the rest of the package: fetch, WebSocket, caches and mocks, which take longer to
 * load than a small pass. Most commands send nothing, so they load nothing of it.
 */
const loadUndici = (): Undici =>
  (loaded ??= {
    Pool: require('undici/lib/dispatcher/pool.js') as typeof Pool,
    buildConnector: require('undici/lib/core/connect.js') as typeof buildConnector,
  });

/** One pool for each origin: that of the target, and perhaps that of its tokens. */
interface Connections {
  to(origin: string): Pool;
  close(): void;
}

interface Connector {
  readonly connect: buildConnector.connector;
  close(): void;
}

/** Can end connections that are not established yet: undici waits for them. */
function createConnector(connector: buildConnector.connector, tunnels: Tunnels): Connector {
  const open = connector as (...parameters: Parameters<buildConnector.connector>) => Socket;
  const connecting = new Set<Socket>();
  const connect: buildConnector.connector = (target, callback) => {
    const socket = open(target, (...result) => {
      connecting.delete(socket);
      callback(...result);
    });
    connecting.add(socket);
  };
  return {
    connect(target, callback) {
      const proxy = tunnels.proxyFor(target);
      if (proxy === undefined) return connect(target, callback);
      tunnels.open(proxy, target).then(
        (tunnel) =>
          target.protocol === 'https:' ? connect({ ...target, httpSocket: tunnel }, callback) : callback(null, tunnel),
        (error: unknown) => callback(error as Error, null),
      );
    },
    close() {
      tunnels.close();
      for (const socket of connecting) socket.destroy();
    },
  };
}

interface ExchangeDeps extends Pick<ExchangeSettings, 'timeoutMs' | 'memory'> {
  readonly aborts: AbortGroups;
}

class Exchange implements Dispatcher.DispatchHandler, Abortable {
  isOver = false;
  private readonly settings: ExchangeDeps;
  private readonly signal: AbortSignal;
  private readonly resolve: (response: ReceivedResponse) => void;
  private readonly reject: (error: unknown) => void;
  private deadline: NodeJS.Timeout | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private headers: Record<string, string> = {};
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private reservation: 'none' | 'waiting' | (() => void) = 'none';
  /** Ends the wait for memory. */
  private stopWaiting: AbortController | undefined;

  constructor(
    settings: ExchangeDeps,
    signal: AbortSignal,
    resolve: (response: ReceivedResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.settings = settings;
    this.signal = signal;
    this.resolve = resolve;
    this.reject = reject;
    settings.aborts.add(signal, this);
    this.startDeadline();
    if (signal.aborted) this.fail(signal.reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) controller.abort(new Error('the exchange has ended'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.status = status;
    this.headers = textHeaders(headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > maxResponseBytes) return this.fail(tooLarge());
    this.chunks.push(chunk);
    if (this.reservation === 'none' && this.size > freeBytes) {
      const bytes = bytesOf(this.headers);
      if (bytes > maxResponseBytes) return this.fail(tooLarge());
      controller.pause();
      this.waitForMemory(controller, bytes);
    }
  }

  onResponseEnd(): void {
    if (this.reservation === 'waiting' || this.isOver) return;
    const { status, headers, chunks, size, reservation } = this;
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size);
    this.end();
    this.resolve({ status, headers, body, free: typeof reservation === 'function' ? reservation : undefined });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // undici refuses a Content-Length here, which some servers send. The response is complete with its header.
    if (hasNoBody(this.status)) this.onResponseEnd();
    else this.fail(error);
  }

  private waitForMemory(controller: Dispatcher.DispatchController, bytes: number): void {
    this.reservation = 'waiting';
    clearTimeout(this.deadline);
    this.stopWaiting = new AbortController();
    this.settings.memory.reserve(bytes, this.stopWaiting.signal).then(
      (free) => {
        if (this.isOver) return free();
        this.reservation = free;
        this.startDeadline();
        controller.resume();
      },
      (error: unknown) => this.fail(error),
    );
  }

  private startDeadline(): void {
    this.deadline = setTimeout(
      () => this.fail(new DeadlineError(this.controller !== undefined)),
      this.settings.timeoutMs,
    );
  }

  /** Ends the exchange; without effect where it has ended. */
  fail(error: unknown): void {
    if (this.isOver) return;
    const { reservation } = this;
    this.end();
    if (typeof reservation === 'function') reservation();
    if (reservation === 'waiting') this.stopWaiting?.abort(error);
    this.reject(error);
    this.controller?.abort(error instanceof Error ? error : new Error('the exchange has ended'));
  }

  private end(): void {
    this.isOver = true;
    clearTimeout(this.deadline);
    this.settings.aborts.remove(this.signal, this);
  }
}

/** What a large response may need, in bytes. A compressed one grows, and one without a length may be of any size. */
function bytesOf(headers: Readonly<Record<string, string>>): number {
  const length = Number(headers['content-length']);
  const isKnown = Number.isSafeInteger(length) && codingsOf(headers['content-encoding']).length === 0;
  return isKnown ? length : maxResponseBytes;
}

/** Statuses whose responses have no body, although their header may state one (RFC 9112 section 6.3). */
const hasNoBody = (status: number): boolean => status === 204 || status === 304;

/** The error of a response that is larger than `maxResponseBytes`. */
export const tooLarge = (): Error => new Error(`the answer is larger than ${maxResponseBytes} bytes`);
