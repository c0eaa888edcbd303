import type { ProxyRules } from '../../model/http/proxy.ts';
import { codingsOf } from './network/content-codings.ts';
import { acceptedCodings, decompress } from './network/decompress.ts';
import {
  createExchanges,
  DeadlineError,
  tooLarge,
  type ReceivedResponse,
  type TlsSettings,
} from './network/exchange.ts';
import { countValues, maxValues } from './network/json-size.ts';
import { failureOf } from './network/network-failure.ts';
import { throughProxy } from './network/tunnels.ts';
import { toResponse, type NoResponse, type NotSent, type Response, type Send } from './message.ts';
import {
  freeBytes,
  maxResponseBytes,
  memoryOfProcess,
  type ResponseMemory,
  type SharedMemory,
} from './response-memory.ts';

/** Settings of the HTTP client of one target. */
export interface HttpSettings {
  readonly concurrency: number;
  /**
   * Time limit of one request including its response, in milliseconds. It starts again when a large response gets its
   * memory: the wait before is not the target's.
   */
  readonly timeoutMs: number;
  readonly tls?: TlsSettings | undefined;
  /** Undefined: no proxy. */
  readonly proxy?: ProxyRules | undefined;
  /** "scimsync/1.2.3" */
  readonly userAgent: string;
  /** For large responses; by default the memory that all targets of the process share. */
  readonly memory?: SharedMemory;
}

/** An HTTP client with its own connections. */
export interface HttpClient {
  readonly send: Send;
  /** Closes all keep-alive connections. */
  close(): void;
}

/** Creates the client. It follows no redirects. */
export function createHttpClient({
  concurrency,
  timeoutMs,
  tls,
  proxy,
  userAgent,
  memory: shared = memoryOfProcess,
}: HttpSettings): HttpClient {
  const memory = shared.ofTarget();
  const exchanges = createExchanges({ concurrency, timeoutMs, tls, proxy, memory });

  return {
    async send(request, signal) {
      try {
        const headers = {
          'user-agent': userAgent,
          ...(request.method === 'GET' ? { 'accept-encoding': acceptedCodings } : {}),
          ...request.headers,
        };
        const received = await exchanges.exchange({ ...request, headers }, signal);
        return isPlain(received) ? plainResponse(received) : await responseOf(received, memory, signal);
      } catch (error) {
        return error instanceof DeadlineError
          ? afterDeadline(error, timeoutMs, throughProxy(request.url, proxy))
          : failureOf(error);
      }
    },
    close() {
      exchanges.close();
    },
  };
}

/** Neither compressed nor large, as most responses are. */
const isPlain = ({ headers, body, free }: ReceivedResponse): boolean =>
  free === undefined && headers['content-encoding'] === undefined && body.length <= freeBytes;

const plainResponse = ({ status, headers, body }: Omit<ReceivedResponse, 'free'>): Response =>
  toResponse(status, headers, body.toString('utf8'));

/** Decompresses and parses what was received, in the memory that is reserved for it. */
async function responseOf(
  { status, headers, body, free: freeReceived }: ReceivedResponse,
  memory: ResponseMemory,
  signal: AbortSignal,
): Promise<Response> {
  let free = freeReceived;
  const codings = codingsOf(headers['content-encoding']);
  try {
    let content =
      codings.length === 0 ? body : await decompress(body, codings, free === undefined ? freeBytes : maxResponseBytes);
    if (content === undefined && free === undefined) {
      free = await memory.reserve(maxResponseBytes, signal);
      content = await decompress(body, codings, maxResponseBytes);
    }
    if (content === undefined) throw tooLarge();
    if (content.length > freeBytes && countValues(content) > maxValues)
      throw new Error(`the answer has more than ${maxValues} values`);
    return plainResponse({ status, headers, body: content });
  } finally {
    free?.();
  }
}

/** Without a connection, nothing was sent. */
function afterDeadline({ wasSent }: DeadlineError, timeoutMs: number, way: string): NotSent | NoResponse {
  const limit = `within ${timeoutMs / 1000} s`;
  return wasSent
    ? { kind: 'noResponse', detail: `no answer ${limit}` }
    : { kind: 'notSent', detail: `no connection ${limit}${way}` };
}
