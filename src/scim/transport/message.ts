import { getIgnoringCase } from '../../model/scim-json.ts';

/** One SCIM request, without credentials. Path and query are relative to the target's base URL. */
export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; its segments are already percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** The request is never combined with others into a Bulk request. */
  readonly single?: true;
  /** The version for If-Match (RFC 7644 section 3.14), quoted. */
  readonly ifMatch?: string;
}

/** One HTTP request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A complete HTTP response. */
export interface Response {
  readonly kind: 'response';
  /** The status of the response; of the SCIM error in the body where a gateway sent that error with a 2xx. */
  readonly status: number;
  /** The 2xx with which a SCIM error arrived; absent where `status` is the status of the response. */
  readonly transportStatus?: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text parsed as JSON, independent of Content-Type; undefined where it is not JSON. */
  readonly body: unknown;
  readonly text: string;
  /** The result of one operation of a Bulk request. */
  readonly isBulk?: true;
}

/** The request cannot have taken effect: refused connection, unknown host, failed TLS handshake. */
export interface NotSent {
  readonly kind: 'notSent';
  readonly detail: string;
}

/** The request was sent without a response; it may have taken effect. */
export interface NoResponse {
  readonly kind: 'noResponse';
  readonly detail: string;
}

/** scimsync decided not to send the request. */
export interface NotAttempted {
  readonly kind: 'notAttempted';
  /** `stopped`: the pass is ending · `unavailable`: the target receives no more requests in this pass. */
  readonly reason: 'stopped' | 'unavailable';
  readonly detail: string;
}

/** The result of one HTTP request. */
export type SendResult = Response | NotSent | NoResponse;
/** The result of one SCIM request. */
export type HttpResult = SendResult | NotAttempted;

/** Sends one request, once. Never throws because of a server or the network. */
export type Send = (request: HttpRequest, signal: AbortSignal) => Promise<SendResult>;

/** Builds a response and parses its text. An error in the body overrides a success status. */
export function toResponse(status: number, headers: Readonly<Record<string, string>>, text: string): Response {
  const body = parseJson(text);
  const errorStatus = status >= 200 && status < 300 ? errorStatusOf(body) : undefined;
  return errorStatus === undefined
    ? { kind: 'response', status, headers, body, text }
    : { kind: 'response', status: errorStatus, transportStatus: status, headers, body, text };
}

const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:error';
const defaultErrorStatus = 400;

/**
 * The status of a SCIM error body (RFC 7644 section 3.12). Some gateways answer every request with 200 and put the
 * error into the body. @returns undefined for every other body
 */
function errorStatusOf(body: unknown): number | undefined {
  const schemas = getIgnoringCase(body, 'schemas');
  const hasErrorSchema =
    Array.isArray(schemas) && schemas.some((urn) => typeof urn === 'string' && urn.toLowerCase() === errorSchema);
  // A resource may have an attribute `status`; an error has no id.
  if (!hasErrorSchema && getIgnoringCase(body, 'id') !== undefined) return undefined;
  const status = Number(getIgnoringCase(body, 'status'));
  const isErrorStatus = Number.isInteger(status) && status >= 400 && status < 600;
  const isBareError =
    isErrorStatus && (getIgnoringCase(body, 'detail') !== undefined || getIgnoringCase(body, 'scimType') !== undefined);
  if (!hasErrorSchema && !isBareError) return undefined;
  return isErrorStatus ? status : defaultErrorStatus;
}

/**
 * The content decides, not Content-Type: servers label SCIM responses as anything from application/json to text/html.
 */
function parseJson(text: string): unknown {
  const content = text.replace(/^\uFEFF/, '').trimStart();
  if (!content.startsWith('{') && !content.startsWith('[')) return undefined;
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return undefined;
  }
}
