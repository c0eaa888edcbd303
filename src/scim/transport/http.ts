import { acceptedCodings, codingsOf, decompress } from './network/decompress.ts';
import { createExchanges, DeadlineError, type TlsSettings } from './network/exchange.ts';
import { failureOf } from './network/network-failure.ts';
import { largeResponsesOfProcess, type LargeResponses } from './large-responses.ts';
import { toResponse, type NoResponse, type NotSent, type Send } from './message.ts';

/** Settings of the HTTP client of one target. */
export interface HttpSettings {
  readonly concurrency: number;
  /**
   * Time limit of one request including its response, in milliseconds. It starts again when a large response gets its
   * turn: the wait before is not the target's.
   */
  readonly timeoutMs: number;
  readonly tls?: TlsSettings;
  /** "scimsync/1.2.3" */
  readonly userAgent: string;
  /** By default the turns that all targets of the process share. */
  readonly largeResponses?: LargeResponses;
}

/** An HTTP client with its own connections. */
export interface HttpClient {
  readonly send: Send;
  /** Closes all keep-alive connections. */
  close(): void;
}

/** Creates the client. It follows no redirects and uses no proxy. */
export function createHttpClient({
  concurrency,
  timeoutMs,
  tls,
  userAgent,
  largeResponses = largeResponsesOfProcess,
}: HttpSettings): HttpClient {
  const exchanges = createExchanges({ concurrency, timeoutMs, tls, largeResponses });

  return {
    async send(request, signal) {
      try {
        const headers = {
          'user-agent': userAgent,
          ...(request.method === 'GET' ? { 'accept-encoding': acceptedCodings } : {}),
          ...request.headers,
        };
        const received = await exchanges.exchange({ ...request, headers }, signal);
        let { endTurn } = received;
        try {
          const codings = codingsOf(received.headers['content-encoding']);
          // A compressed response may be large, so it takes a turn before it grows.
          if (codings.length > 0) endTurn ??= await largeResponses.takeTurn(signal);
          const body = await decompress(received.body, codings);
          return toResponse(received.status, received.headers, body.toString('utf8'));
        } finally {
          endTurn?.();
        }
      } catch (error) {
        return error instanceof DeadlineError ? afterDeadline(error, timeoutMs) : failureOf(error);
      }
    },
    close() {
      exchanges.close();
    },
  };
}

/** Without a connection, nothing was sent. */
function afterDeadline({ wasSent }: DeadlineError, timeoutMs: number): NotSent | NoResponse {
  const limit = `within ${timeoutMs / 1000} s`;
  return wasSent
    ? { kind: 'noResponse', detail: `no answer ${limit}` }
    : { kind: 'notSent', detail: `no connection ${limit}` };
}
