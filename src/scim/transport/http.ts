import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios, { type AxiosResponse } from 'axios';
import { freeBytes, largeResponsesOfProcess, type LargeResponses } from './large-responses.ts';
import { toResponse, type HttpRequest, type NoResponse, type NotSent, type Send } from './message.ts';

/** PEM texts: a client certificate with its key, and the certificate authority of the target. */
export interface TlsSettings {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

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
  /** As `send`, and returns as soon as the headers are known. The time limit ends there, too. */
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

/** A larger response counts as no response. */
const maxResponseBytes = 32 * 1024 * 1024;

/** Creates the client. It follows no redirects and uses no proxy. */
export function createHttpClient({
  concurrency,
  timeoutMs,
  tls,
  userAgent,
  largeResponses = largeResponsesOfProcess,
}: HttpSettings): HttpClient {
  const keepAlive = { keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency };
  const httpAgent = new HttpAgent(keepAlive);
  const httpsAgent = new HttpsAgent({ ...keepAlive, ...tls });
  const client = axios.create({
    adapter: 'http',
    httpAgent,
    httpsAgent,
    // A redirect would send the token to any host that a server names.
    maxRedirects: 0,
    proxy: false,
    maxBodyLength: maxResponseBytes,
    decompress: true,
    // `readText` limits the size, and `toResponse` parses the text by its content.
    responseType: 'stream',
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });

  const request = (
    { method, url, headers, body }: HttpRequest,
    signal: AbortSignal,
  ): Promise<AxiosResponse<Readable>> =>
    client.request({
      method,
      url,
      signal,
      headers: { 'user-agent': userAgent, ...headers },
      ...(body === undefined ? {} : { data: body }),
    });

  return {
    async send(of, signal) {
      // The deadline covers the whole exchange: with an idle timeout alone, a slow response could take for ever.
      const abortController = new AbortController();
      const abort = (): void => abortController.abort();
      let deadline = setTimeout(abort, timeoutMs);
      let endTurn: (() => void) | undefined;
      signal.addEventListener('abort', abort);
      try {
        const response = await request(of, abortController.signal);
        const text = await readText(response.data, async () => {
          clearTimeout(deadline);
          endTurn = await largeResponses.takeTurn(abortController.signal);
          deadline = setTimeout(abort, timeoutMs);
        });
        return toResponse(response.status, textHeaders(response.headers), text);
      } catch (error) {
        return abortController.signal.aborted && !signal.aborted
          ? { kind: 'noResponse', detail: `no answer within ${timeoutMs / 1000} s` }
          : failureOf(error);
      } finally {
        endTurn?.();
        clearTimeout(deadline);
        signal.removeEventListener('abort', abort);
      }
    },
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
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/**
 * Reads a body as UTF-8.
 *
 * @param beforeLarge runs once, before more than `freeBytes` are read
 * @throws Error above `maxResponseBytes`
 */
async function readText(stream: Readable, beforeLarge: () => Promise<void>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isLarge = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxResponseBytes) throw new Error(`the answer is larger than ${maxResponseBytes} bytes`);
    chunks.push(chunk);
    if (!isLarge && size > freeBytes) {
      isLarge = true;
      await beforeLarge();
    }
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

function textHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** Error codes that occur before the request is written. */
const notSentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDR|ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_SSL|EPROTO|ERR_INVALID|ERR_HTTP_INVALID|ERR_UNESCAPED)/;

/** Keeps only code and message: the error object contains the request headers, and so the credentials. */
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

/** The innermost network error: axios wraps it, and Node collects one for each address that it tried. */
function rootCause(error: unknown): Failure {
  const cause = (error as { cause?: unknown }).cause;
  if (cause !== undefined) return rootCause(cause);
  if (error instanceof AggregateError && error.errors.length > 0) return rootCause(error.errors[0]);
  const { code, syscall, message } = error as Partial<Failure>;
  return { code: String(code ?? ''), syscall: String(syscall ?? ''), message: String(message ?? '') };
}
