import type { Complex } from '../resources/resource.ts';
import type { ScimError } from './scim-error.ts';

/** A response with a JSON body, a text body of another type, or no body. */
export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Complex;
  readonly text?: string;
  /** Further members of the body that are sent and, because of their size, not logged. */
  readonly unlogged?: Complex;
  /** Whether it is never sent: the connection stays open without a response. */
  readonly isHeldBack?: true;
}

/** The media type of SCIM messages, RFC 7644 section 3.1. */
export const scimJson = 'application/scim+json; charset=utf-8';

/** A response with a SCIM message as its body. */
export function jsonResponse(status: number, body: Complex, headers: Readonly<Record<string, string>> = {}): Response {
  return { status, headers: { 'content-type': scimJson, ...headers }, body };
}

/** The error message of RFC 7644 section 3.12. Its `status` is a string. */
export function errorResponse({ status, scimType, message, headers }: ScimError): Response {
  return jsonResponse(status, errorBody(status, message, scimType), headers);
}

/** The error message of RFC 7644 section 3.12. */
export function errorBody(status: number, detail: string, scimType?: string): Complex {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail,
  };
}
