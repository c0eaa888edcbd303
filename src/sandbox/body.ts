import type { Json } from '../model/resource.ts';
import type { Request } from './application.ts';
import { badRequest, ScimError } from './scim-error.ts';

/** The JSON of a request. @throws ScimError 415 for another content type (RFC 7644 section 3.1), 400 invalidSyntax for bad JSON */
export function readBody({ headers, text }: Pick<Request, 'headers' | 'text'>): Json {
  const type = String(headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/scim+json' && type !== 'application/json') {
    throw new ScimError(415, `The content type must be application/scim+json or application/json, not ${type === '' ? 'absent' : type}.`);
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw badRequest('invalidSyntax', 'The body is not valid JSON.');
  }
}
