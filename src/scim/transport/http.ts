import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosResponse } from 'axios';
import { toResponse, type NoResponse, type NotSent, type Send } from './message.ts';

/** PEM texts: a client certificate with its key, and who signed the target's certificate. */
export interface TlsSettings {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

export interface HttpSettings {
  readonly concurrency: number;
  /** How long one request may take, its answer included, in milliseconds. */
  readonly timeoutMs: number;
  readonly tls?: TlsSettings;
  /** "scimsync/1.2.3" */
  readonly userAgent: string;
}

export interface HttpClient {
  readonly send: Send;
  /** Closes the connections that are kept open. */
  close(): void;
}

const maxResponseBytes = 32 * 1024 * 1024;

export function createHttpClient({ concurrency, timeoutMs, tls, userAgent }: HttpSettings): HttpClient {
  const keepAlive = { keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency };
  const httpAgent = new HttpAgent(keepAlive);
  const httpsAgent = new HttpsAgent({ ...keepAlive, ...tls });
  const client = axios.create({
    adapter: 'http',
    httpAgent,
    httpsAgent,
    // A redirect would carry the token to whatever place a server names.
    maxRedirects: 0,
    proxy: false,
    maxContentLength: maxResponseBytes,
    maxBodyLength: maxResponseBytes,
    decompress: true,
    responseType: 'text',
    // The text is given as it is: what it holds is decided by its content, and nothing is parsed twice.
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });

  return {
    async send({ method, url, headers, body }, signal) {
      // The whole exchange, to the last byte: an idle time-out alone would let an answer drip for ever.
      const abortController = new AbortController();
      const abort = (): void => abortController.abort();
      const deadline = setTimeout(abort, timeoutMs);
      signal.addEventListener('abort', abort);
      try {
        const response: AxiosResponse<string> = await client.request({
          method,
          url,
          signal: abortController.signal,
          headers: { 'user-agent': userAgent, ...headers },
          ...(body === undefined ? {} : { data: body }),
        });
        return toResponse(
          response.status,
          textHeaders(response.headers),
          typeof response.data === 'string' ? response.data : '',
        );
      } catch (error) {
        return abortController.signal.aborted && !signal.aborted
          ? { kind: 'noResponse', detail: `no answer within ${timeoutMs / 1000} s` }
          : failureOf(error);
      } finally {
        clearTimeout(deadline);
        signal.removeEventListener('abort', abort);
      }
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function textHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** Codes of errors from before the request was written. */
const notSentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDR|ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_SSL|EPROTO|ERR_INVALID|ERR_HTTP_INVALID|ERR_UNESCAPED)/;

/** The error itself stays here: it carries the request's headers, and with them the credentials. */
function failureOf(error: unknown): NotSent | NoResponse {
  const { code, syscall, message } = rootCause(error);
  const wasSent = syscall !== 'connect' && syscall !== 'getaddrinfo' && !notSentCodes.test(code);
  return { kind: wasSent ? 'noResponse' : 'notSent', detail: message === '' ? code : message };
}

interface Failure {
  readonly code: string;
  readonly syscall: string;
  readonly message: string;
}

/** The network's own error: axios wraps it, and Node gathers one for each address that it tried. */
function rootCause(error: unknown): Failure {
  const cause = (error as { cause?: unknown }).cause;
  if (cause !== undefined) return rootCause(cause);
  if (error instanceof AggregateError && error.errors.length > 0) return rootCause(error.errors[0]);
  const { code, syscall, message } = error as Partial<Failure>;
  return { code: String(code ?? ''), syscall: String(syscall ?? ''), message: String(message ?? '') };
}
