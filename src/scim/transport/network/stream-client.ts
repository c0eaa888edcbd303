import type { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import type { HttpSettings } from '../http.ts';
import type { HttpRequest, NoResponse, NotSent } from '../message.ts';
import { failureOf } from './network-failure.ts';
import type { Agents } from './tunnel-agents.ts';
import { createTunnels, throughProxy } from './tunnels.ts';

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

/** Creates the client. It follows no redirects. */
export function createStreamClient({
  concurrency,
  timeoutMs,
  tls,
  proxy,
  userAgent,
}: Omit<HttpSettings, 'memory'>): StreamClient {
  const keepAlive = { keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency };
  const tunnels = createTunnels(proxy, timeoutMs);
  let agents: Agents | undefined;

  const request = async (
    { method, url, headers, body }: HttpRequest,
    signal: AbortSignal,
  ): Promise<AxiosResponse<Readable>> => {
    // Most commands need no stream, so they do not load these packages.
    const [{ default: axios }, { createAgents }] = await Promise.all([import('axios'), import('./tunnel-agents.ts')]);
    agents ??= createAgents({ ...keepAlive, ...tls }, tunnels);
    return axios.request({
      adapter: 'http',
      ...agents,
      // A redirect would send the token to any host that a server names.
      maxRedirects: 0,
      // The agents know the way, also through a proxy.
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
          ? { kind: 'noResponse', detail: `no answer within ${timeoutMs / 1000} s${throughProxy(of.url, proxy)}` }
          : failureOf(error);
      } finally {
        clearTimeout(deadline);
      }
    },
    close() {
      tunnels.close();
      agents?.httpAgent.destroy();
      agents?.httpsAgent.destroy();
    },
  };
}

function textHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
