import type { Socket } from 'node:net';
import { Client } from 'ldapts';
import { IncompleteReading } from '../../../model/errors.ts';
import { SearchBuffer } from './search-buffer.ts';
import { BerError } from './ber.ts';
import { endedAfterTls, isConnectionEnd } from './error-text.ts';
import { Framing } from './framing.ts';
import {
  abandonRequest,
  messageIdOf,
  readDisconnectNotice,
  readSearchMessage,
  searchRequest,
  type Search,
  type SearchDone,
  type SearchItem,
} from './messages.ts';
import type { LdapConnection, LdapTls } from '../settings.ts';

export type { Search, SearchDone, SearchItem } from './messages.ts';

/** The connection is gone, or the server has been silent for too long. */
export class ConnectionLost extends IncompleteReading {
  constructor(what: string, options?: ErrorOptions) {
    super(
      'ldap.connectionLost',
      `${what}. The reading is not complete: nothing was planned, everything stays as it is.`,
      1,
      options,
    );
  }
}

/** One connection that somebody is bound to. It is never made anew: what was bound, and that it was encrypted, goes with it. */
export interface LdapClient {
  readonly url: string;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  /**
   * Gives what the server answers, in batches as it comes, and at last its result, whatever that says. Leaving early abandons the search.
   *
   * @throws ConnectionLost
   */
  search(search: Search, signal: AbortSignal): AsyncGenerator<readonly SearchItem[], SearchDone>;
  close(): void;
}

/** What of the package's client is used beyond its public face. */
interface ClientInternals {
  socket?: Socket | undefined;
  readonly messageParser: { read(data: Buffer, details: unknown): void };
  _nextMessageId(): number;
  _connect(): Promise<void> | undefined;
}

/**
 * Opens one connection: TCP, TLS or StartTLS, and bind are the package's. From then on answers are read here, because the package
 * parses every attribute of every entry, stops a paged search at an empty page, knows no intermediate responses, gives controls of entries
 * to nobody, drops what follows a message that it does not understand, and connects again by itself, unbound or unencrypted.
 *
 * @throws whatever socket, TLS or the bind's result say: an Error with `code`
 */
export async function openClient(url: string, connection: LdapConnection, signal: AbortSignal): Promise<LdapClient> {
  const { tls, connectTimeoutMs } = connection;
  // Options for TLS with an ldap:// URL would mean TLS from the first byte.
  const client = new Client({ url, ...(url.startsWith('ldaps:') ? { tlsOptions: tlsOptions(tls) } : {}) });
  const internals = client as unknown as ClientInternals;
  await withTimeout(connectAndBind(client, url, connection), connectTimeoutMs, signal).catch((error: unknown) => {
    internals.socket?.destroy();
    throw error;
  });
  const { socket } = internals;
  if (socket === undefined || socket.destroyed) throw new Error('it closed the connection');
  return attach(url, socket, internals);
}

/** A connection, encrypted where it is meant to be, and on it whom we want to be. */
async function connectAndBind(client: Client, url: string, connection: LdapConnection): Promise<void> {
  const { startTls, tls } = connection;
  await (client as unknown as ClientInternals)._connect();
  if (startTls) await encrypt(client, url, tls);
  try {
    await bindAs(client, connection.bind);
  } catch (error) {
    const isEncrypted = startTls || url.startsWith('ldaps:');
    // In TLS 1.3 a server looks at our certificate, or for it, when we think that all is set up.
    if (isEncrypted && isConnectionEnd(error)) throw new Error(endedAfterTls(tls.cert !== undefined), { cause: error });
    throw error;
  }
}

async function bindAs(client: Client, bind: LdapConnection['bind']): Promise<void> {
  if (bind.method === 'external') return client.bind('EXTERNAL');
  if (bind.method === 'anonymous') return client.bind('', '');
  const password = bind.password();
  // A DN without a password binds as nobody, and succeeds (RFC 4513 5.1.2).
  if (password === '') throw new Error(`the password of ${JSON.stringify(bind.dn)} is empty`);
  return client.bind(bind.dn, password);
}

async function encrypt(client: Client, url: string, tls: LdapTls): Promise<void> {
  try {
    await client.startTLS({ ...tlsOptions(tls), ...hostOf(url, tls) });
  } catch (error) {
    // A number is the result of the request, which is none of the bind's.
    if (typeof (error as { code?: unknown }).code !== 'number') throw error;
    throw new Error(
      `it refuses StartTLS (result code ${String((error as { code?: unknown }).code)}); write ldaps:// if it offers that`,
      { cause: error },
    );
  }
}

/** The package's own time-outs do not cover the handshake of StartTLS. */
async function withTimeout(work: Promise<void>, limitMs: number, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(limitMs);
  const abortSignal = AbortSignal.any([signal, timeout]);
  const aborted = new Promise<never>((_resolve, reject) => {
    const end = (): void => {
      reject(
        timeout.aborted
          ? Object.assign(new Error(`no connection within ${limitMs} ms`), { code: 'ETIMEDOUT' })
          : (signal.reason as Error),
      );
    };
    if (abortSignal.aborted) end();
    else abortSignal.addEventListener('abort', end, { once: true });
  });
  await Promise.race([work, aborted]);
}

function tlsOptions({ ca, cert, key, serverName }: LdapTls): Record<string, string> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** Over a socket that is there already, Node would check the certificate for "localhost". */
function hostOf(url: string, { serverName }: LdapTls): Record<string, string> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const isAddress = host.includes(':') || /^[\d.]+$/.test(host);
  return serverName !== undefined || isAddress ? { host } : { host, servername: host };
}

/** How soon a peer that vanished without a word is noticed while nothing is said. */
const keepAliveAfterMs = 10_000;

function attach(url: string, socket: Socket, internals: ClientInternals): LdapClient {
  socket.setKeepAlive(true, keepAliveAfterMs);
  const framing = new Framing();
  const searches = new Map<number, SearchBuffer>();
  const fullBuffers = new Set<number>();
  let closeReason: Error | undefined;
  const silenceTimers = new Set<NodeJS.Timeout>();

  const closeWith = (error: Error): void => {
    closeReason ??= error;
    for (const buffer of searches.values()) buffer.fail(closeReason);
    socket.destroy();
  };
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      closeWith(new ConnectionLost(`${url} closed the connection`));
      resolve();
    });
  });
  socket.on('error', (error) => {
    closeWith(new ConnectionLost(`the connection to ${url} broke: ${error.message}`, { cause: error }));
  });
  internals.messageParser.read = (data) => {
    for (const silenceTimer of silenceTimers) silenceTimer.refresh();
    try {
      for (const message of framing.push(data)) deliver(message);
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      closeWith(new ConnectionLost(`${url} sent what is no LDAP message: ${error.problem}`, { cause: error }));
    }
  };
  /** Only while somebody waits for the server is it late. Anything at all that it says counts as an answer. */
  const withSilenceLimit = async <T>(wait: () => Promise<T>, limitMs: number | undefined): Promise<T> => {
    if (limitMs === undefined) return wait();
    const silenceTimer = setTimeout(() => {
      if (fullBuffers.size > 0) silenceTimer.refresh();
      else closeWith(new ConnectionLost(`${url} has not answered for ${limitMs} ms`));
    }, limitMs);
    silenceTimers.add(silenceTimer);
    try {
      return await wait();
    } finally {
      clearTimeout(silenceTimer);
      silenceTimers.delete(silenceTimer);
    }
  };
  const deliver = (message: Buffer): void => {
    const id = messageIdOf(message);
    if (id !== 0) searches.get(id)?.push(readSearchMessage(message));
    else {
      const reason = readDisconnectNotice(message);
      if (reason !== undefined)
        closeWith(new ConnectionLost(`${url} is ending the connection${reason === '' ? '' : `: ${reason}`}`));
    }
  };

  return {
    url,
    closed,
    close() {
      closeReason ??= new ConnectionLost(`the connection to ${url} was closed`);
      socket.destroySoon();
    },
    async *search(search, signal) {
      signal.throwIfAborted();
      if (closeReason !== undefined) throw closeReason;
      const id = internals._nextMessageId();
      const buffer = new SearchBuffer((isFull) => {
        if (isFull) fullBuffers.add(id);
        else fullBuffers.delete(id);
        if (fullBuffers.size > 0) socket.pause();
        else socket.resume();
      });
      searches.set(id, buffer);
      const abort = (): void => {
        buffer.fail(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      let isDone = false;
      try {
        socket.write(searchRequest(id, search));
        for (;;) {
          const result = await withSilenceLimit(() => buffer.read(), search.timeoutMs);
          if (!('code' in result)) {
            yield result;
            continue;
          }
          isDone = true;
          return result;
        }
      } finally {
        signal.removeEventListener('abort', abort);
        searches.delete(id);
        buffer.discard();
        if (!isDone && closeReason === undefined) socket.write(abandonRequest(internals._nextMessageId(), id));
      }
    },
  };
}
