import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import type { HttpSettings } from '../http.ts';
import type { HttpRequest, NoResponse, NotSent } from '../message.ts';
import { failureOf } from './network-failure.ts';

/** An HTTP client whose responses are read as streams, with connections of its own. */
export interface StreamClient {
  /** Sends one request, and returns as soon as the headers are known. The time limit ends there. */
  readonly open: (request: HttpRequest, signal: AbortSignal) => Promise<OpenResponse | NotSent | NoResponse>;
  /** Closes all keep-alive connections. */
  close(): void;
}

/** A response whose body is still to be read. */
export interface OpenResponse {
  readonly kind: 'open';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. Ends with an error where the body is incomplete, or the signal of the request is aborted. */
  readonly body: Readable;
}

/** The keep-alive connections. */
interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** Creates the client. It follows no redirects and uses no proxy. */
export function createStreamClient({
  concurrency,
  timeoutMs,
  tls,
  userAgent,
}: Omit<HttpSettings, 'memory'>): StreamClient {
  const keepAlive = { keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency };
  let agents: Agents | undefined;

  const request = async (
    { method, url, headers, body }: HttpRequest,
    signal: AbortSignal,
  ): Promise<AxiosResponse<Readable>> => {
    // Most commands need no stream, so they do not load these packages.
    const [{ default: axios }, http, https] = await Promise.all([
      import('axios'),
      import('node:http'),
      import('node:https'),
    ]);
    agents ??= {
      httpAgent: new http.Agent(keepAlive),
      httpsAgent: new https.Agent({ ...keepAlive, ...tls }),
    };
    return axios.request({
      adapter: 'http',
      ...agents,
      // A redirect would send the token to any host that a server names.
      maxRedirects: 0,
      proxy: false,
      decompress: true,
      responseType: 'stream',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
      method,
      url,
      signal,
      headers: { 'user-agent': userAgent, ...headers },
      ...(body === undefined ? {} : { data: body }),
    });
  };

  return {
    async open(of, signal) {
      const abortController = new AbortController();
      const abort = (): void => abortController.abort();
      const deadline = setTimeout(abort, timeoutMs);
      signal.addEventListener('abort', abort);
      try {
        const { status, headers, data } = await request(of, abortController.signal);
        data.once('close', () => signal.removeEventListener('abort', abort));
        return { kind: 'open', status, headers: textHeaders(headers), body: data };
      } catch (error) {
        signal.removeEventListener('abort', abort);
        return abortController.signal.aborted && !signal.aborted
          ? { kind: 'noResponse', detail: `no answer within ${timeoutMs / 1000} s` }
          : failureOf(error);
      } finally {
        clearTimeout(deadline);
      }
    },
    close() {
      agents?.httpAgent.destroy();
      agents?.httpsAgent.destroy();
    },
  };
}

function textHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
