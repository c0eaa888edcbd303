/** One request in SCIM's terms: path and query are relative to the target's base URL, and nothing is said of credentials. */
export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; its segments are percent-encoded already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** RFC 7644 section 3.14. */
  readonly ifMatch?: string;
}

/** One request as it goes over the wire. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Response {
  readonly kind: 'response';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the text is as JSON, whatever its Content-Type; undefined where it is none. */
  readonly body: unknown;
  readonly text: string;
}

/** It certainly took no effect: refused connection, unknown host, failed TLS handshake. */
export interface NotSent {
  readonly kind: 'notSent';
  readonly detail: string;
}

/** It may have taken effect. */
export interface NoResponse {
  readonly kind: 'noResponse';
  readonly detail: string;
}

/** Not sent, by our own decision. */
export interface NotAttempted {
  readonly kind: 'notAttempted';
  /** `stopped`: we are to end · `unavailable`: the target is not to be asked any more in this pass. */
  readonly reason: 'stopped' | 'unavailable';
  readonly detail: string;
}

export type SendResult = Response | NotSent | NoResponse;
export type HttpResult = SendResult | NotAttempted;

/** Sends one request, once. Never throws for anything a server or the network does. */
export type Send = (request: HttpRequest, signal: AbortSignal) => Promise<SendResult>;

export function toResponse(status: number, headers: Readonly<Record<string, string>>, text: string): Response {
  return { kind: 'response', status, headers, body: parseJson(text), text };
}

/** Content decides, not Content-Type: servers label SCIM as anything from application/json to text/html. */
function parseJson(text: string): unknown {
  const content = text.replace(/^\uFEFF/, '').trimStart();
  if (!content.startsWith('{') && !content.startsWith('[')) return undefined;
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return undefined;
  }
}
