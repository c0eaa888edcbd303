import type { Json } from '../../model/resource.ts';
import { badRequest, ScimError } from './scim-error.ts';
import type { ScimRequest, HttpRequest } from './request.ts';

/**
 * The JSON body of a request.
 * @throws ScimError 415 for another content type (RFC 7644 section 3.1), 400 invalidSyntax for invalid JSON
 */
export function readBody({
  http,
  body,
}: Pick<ScimRequest, 'body'> & { readonly http: Pick<HttpRequest, 'headers'> }): Json {
  const type = contentType(http);
  if (type !== 'application/scim+json' && type !== 'application/json') {
    throw new ScimError(
      415,
      `Content-Type must be application/scim+json or application/json, not ${type === '' ? 'absent' : type}.`,
    );
  }
  if (body === undefined) throw badRequest('invalidSyntax', 'The body is not valid JSON.');
  return body;
}

/** Content-Type without parameters, in lower case; empty if absent. */
export function contentType({ headers }: Pick<HttpRequest, 'headers'>): string {
  return (
    String(headers['content-type'] ?? '')
      .split(';', 1)[0]
      ?.trim()
      .toLowerCase() ?? ''
  );
}
