import type { Socket } from 'node:net';
import { IncompleteReading } from '../../../model/errors.ts';
import { BerError } from './ber.ts';
import { Framing } from './framing.ts';
import { incomplete } from './incomplete-reading.ts';
import {
  abandonRequest,
  compareRequest,
  messageIdOf,
  readCompareResponse,
  readDisconnectNotice,
  readSearchMessage,
  searchRequest,
  type Compare,
  type Search,
  type SearchDone,
  type SearchItem,
  type SearchMessage,
} from './messages.ts';
import { SearchBuffer } from './search-buffer.ts';

export type { Search, SearchDone, SearchItem } from './messages.ts';

/** The connection ended, or the server did not send anything for too long. */
export class ConnectionLost extends IncompleteReading {
  constructor(reason: string, options?: ErrorOptions) {
    super('ldap.connectionLost', (consequence) => `${reason}. ${incomplete(consequence)}`, 1, options);
  }
}

/**
 * One bound connection. It never reconnects: a new connection would be neither bound nor, after StartTLS, encrypted.
 */
export interface LdapClient {
  readonly url: string;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  /**
   * Yields the responses of the server in batches, as they arrive, and returns the SearchResultDone, also with an
   * error. Ending the generator early abandons the search (RFC 4511 4.11).
   *
   * @throws ConnectionLost
   */
  search(search: Search, signal: AbortSignal): AsyncGenerator<readonly SearchItem[], SearchDone>;
  /**
   * Compares a value of an entry (RFC 4511 4.10). @returns the result code, also of an error @throws ConnectionLost
   */
  compare(compare: Compare, signal: AbortSignal): Promise<number>;
  close(): void;
}

/** One request that waits for responses. */
interface Request {
  readonly buffer: SearchBuffer;
  /** Decodes a response. @throws BerError */
  readonly read: (message: Buffer) => SearchMessage;
}

/** A bound connection as the bind left it. */
export interface BoundSocket {
  readonly socket: Socket;
  readonly nextMessageId: () => number;
  /** Sets what receives every chunk of bytes from now on. */
  readonly onData: (receive: (data: Buffer) => void) => void;
}

/** TCP keep-alive: how soon an idle connection notices that the server is unreachable. */
const keepAliveAfterMs = 10_000;

/**
 * Searches on a bound connection, any number of them at the same time; responses are assigned by message ID (RFC 4511
 * 4.1.1.1).
 */
export function createClient(url: string, { socket, nextMessageId, onData }: BoundSocket): LdapClient {
  socket.setKeepAlive(true, keepAliveAfterMs);
  const framing = new Framing();
  const requests = new Map<number, Request>();
  const fullBuffers = new Set<number>();
  let closeReason: Error | undefined;
  const silenceTimers = new Set<NodeJS.Timeout>();

  const closeWith = (error: Error): void => {
    closeReason ??= error;
    for (const { buffer } of requests.values()) buffer.fail(closeReason);
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
  onData((data) => {
    for (const silenceTimer of silenceTimers) silenceTimer.refresh();
    try {
      for (const message of framing.push(data)) deliver(message);
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      closeWith(
        new ConnectionLost(`${url} sent bytes that are not an LDAP message: ${error.problem}`, { cause: error }),
      );
    }
  });
  /** The limit counts only while the client waits, and any bytes from the server restart it. */
  const withSilenceLimit = async <T>(wait: () => Promise<T>, limitMs: number | undefined): Promise<T> => {
    if (limitMs === undefined) return wait();
    const silenceTimer = setTimeout(() => {
      if (fullBuffers.size > 0) silenceTimer.refresh();
      else closeWith(new ConnectionLost(`${url} has not responded for ${limitMs} ms`));
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
    if (id !== 0) {
      const request = requests.get(id);
      request?.buffer.push(request.read(message));
    } else {
      const reason = readDisconnectNotice(message);
      if (reason !== undefined)
        closeWith(new ConnectionLost(`${url} is closing the connection${reason === '' ? '' : `: ${reason}`}`));
    }
  };

  const send = async function* (
    encode: (id: number) => Buffer,
    read: Request['read'],
    timeoutMs: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SearchItem[], SearchDone> {
    signal.throwIfAborted();
    if (closeReason !== undefined) throw closeReason;
    const id = nextMessageId();
    const buffer = new SearchBuffer((isFull) => {
      if (isFull) fullBuffers.add(id);
      else fullBuffers.delete(id);
      if (fullBuffers.size > 0) socket.pause();
      else socket.resume();
    });
    requests.set(id, { buffer, read });
    const abort = (): void => {
      buffer.fail(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    let isDone = false;
    try {
      socket.write(encode(id));
      for (;;) {
        const result = await withSilenceLimit(() => buffer.read(), timeoutMs);
        if (!('code' in result)) {
          yield result;
          continue;
        }
        isDone = true;
        return result;
      }
    } finally {
      signal.removeEventListener('abort', abort);
      requests.delete(id);
      buffer.discard();
      if (!isDone && closeReason === undefined) socket.write(abandonRequest(nextMessageId(), id));
    }
  };

  return {
    url,
    closed,
    close() {
      closeReason ??= new ConnectionLost(`the connection to ${url} was closed`);
      socket.destroySoon();
    },
    search: (search, signal) => send((id) => searchRequest(id, search), readSearchMessage, search.timeoutMs, signal),
    async compare(compare, signal) {
      const { timeoutMs } = compare;
      const responses = send((id) => compareRequest(id, compare), readCompareResponse, timeoutMs, signal);
      for (;;) {
        const next = await responses.next();
        if (next.done === true) return next.value.code;
      }
    },
  };
}
