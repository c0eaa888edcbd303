import type { Socket } from 'node:net';
import { Client } from 'ldapts';
import { IncompleteReading } from '../../model/errors.ts';
import { Answers } from './answers.ts';
import { BerError } from './ber.ts';
import { endedAfterTls, isEnd } from './complaint.ts';
import { Framing } from './framing.ts';
import {
  abandonRequest,
  messageIdOf,
  readNotice,
  readSearchMessage,
  searchRequest,
  type Search,
  type SearchDone,
  type SearchItem,
} from './messages.ts';
import type { LdapConnection, LdapTls } from './settings.ts';

export type { Search, SearchDone, SearchItem } from './messages.ts';

/** The connection is gone, or the server has been silent for too long. */
export class ConnectionLost extends IncompleteReading {
  constructor(what: string, options?: ErrorOptions) {
    super(`${what}. The reading is not complete: nothing was planned, everything stays as it is.`, 1, options);
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
interface Inside {
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
  const inside = client as unknown as Inside;
  await inTime(introduce(client, url, connection), connectTimeoutMs, signal).catch((error: unknown) => {
    inside.socket?.destroy();
    throw error;
  });
  const { socket } = inside;
  if (socket === undefined || socket.destroyed) throw new Error('it closed the connection');
  return takeOver(url, socket, inside);
}

/** A connection, encrypted where it is meant to be, and on it whom we want to be. */
async function introduce(client: Client, url: string, connection: LdapConnection): Promise<void> {
  const { startTls, tls } = connection;
  await (client as unknown as Inside)._connect();
  if (startTls) await encrypt(client, url, tls);
  try {
    await bindAs(client, connection.bind);
  } catch (error) {
    const isEncrypted = startTls || url.startsWith('ldaps:');
    // In TLS 1.3 a server looks at our certificate, or for it, when we think that all is set up.
    if (isEncrypted && isEnd(error)) throw new Error(endedAfterTls(tls.cert !== undefined), { cause: error });
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
async function inTime(work: Promise<void>, limitMs: number, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, limit]);
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (): void => {
      reject(
        limit.aborted
          ? Object.assign(new Error(`no connection within ${limitMs} ms`), { code: 'ETIMEDOUT' })
          : (signal.reason as Error),
      );
    };
    if (either.aborted) end();
    else either.addEventListener('abort', end, { once: true });
  });
  await Promise.race([work, ended]);
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

function takeOver(url: string, socket: Socket, inside: Inside): LdapClient {
  socket.setKeepAlive(true, keepAliveAfterMs);
  const framing = new Framing();
  const searches = new Map<number, Answers>();
  const full = new Set<number>();
  let lost: Error | undefined;
  const silences = new Set<NodeJS.Timeout>();

  const lose = (error: Error): void => {
    lost ??= error;
    for (const answers of searches.values()) answers.fail(lost);
    socket.destroy();
  };
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      lose(new ConnectionLost(`${url} closed the connection`));
      resolve();
    });
  });
  socket.on('error', (error) => {
    lose(new ConnectionLost(`the connection to ${url} broke: ${error.message}`, { cause: error }));
  });
  inside.messageParser.read = (data) => {
    for (const silence of silences) silence.refresh();
    try {
      for (const message of framing.push(data)) deliver(message);
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      lose(new ConnectionLost(`${url} sent what is no LDAP message: ${error.what}`, { cause: error }));
    }
  };
  /** Only while somebody waits for the server is it late. Anything at all that it says counts as an answer. */
  const heard = async <T>(wait: () => Promise<T>, limitMs: number | undefined): Promise<T> => {
    if (limitMs === undefined) return wait();
    const silence = setTimeout(() => {
      if (full.size > 0) silence.refresh();
      else lose(new ConnectionLost(`${url} has not answered for ${limitMs} ms`));
    }, limitMs);
    silences.add(silence);
    try {
      return await wait();
    } finally {
      clearTimeout(silence);
      silences.delete(silence);
    }
  };
  const deliver = (message: Buffer): void => {
    const id = messageIdOf(message);
    if (id !== 0) searches.get(id)?.put(readSearchMessage(message));
    else {
      const words = readNotice(message);
      if (words !== undefined)
        lose(new ConnectionLost(`${url} is ending the connection${words === '' ? '' : `: ${words}`}`));
    }
  };

  return {
    url,
    closed,
    close() {
      lost ??= new ConnectionLost(`the connection to ${url} was closed`);
      socket.destroySoon();
    },
    async *search(search, signal) {
      signal.throwIfAborted();
      if (lost !== undefined) throw lost;
      const id = inside._nextMessageId();
      const answers = new Answers((isFull) => {
        if (isFull) full.add(id);
        else full.delete(id);
        if (full.size > 0) socket.pause();
        else socket.resume();
      });
      searches.set(id, answers);
      const abort = (): void => {
        answers.fail(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      let isDone = false;
      try {
        socket.write(searchRequest(id, search));
        for (;;) {
          const taken = await heard(() => answers.take(), search.timeoutMs);
          if (!('code' in taken)) {
            yield taken;
            continue;
          }
          isDone = true;
          return taken;
        }
      } finally {
        signal.removeEventListener('abort', abort);
        searches.delete(id);
        answers.drop();
        if (!isDone && lost === undefined) socket.write(abandonRequest(inside._nextMessageId(), id));
      }
    },
  };
}
