import type { Complex } from './resource.ts';
import type { ScimError } from './scim-error.ts';

/** What is sent back: a JSON message, a text of another type, or neither. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Complex;
  readonly text?: string;
}

export const scimJson = 'application/scim+json; charset=utf-8';

export function jsonAnswer(status: number, body: Complex, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': scimJson, ...headers }, body };
}

/** The error message of RFC 7644 section 3.12; its status is a text. */
export function errorAnswer({ status, scimType, message, headers }: ScimError): Answer {
  return jsonAnswer(status, errorBody(status, message, scimType), headers);
}

export function errorBody(status: number, detail: string, scimType?: string): Complex {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail,
  };
}
