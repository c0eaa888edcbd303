import type { Json } from '../../model/resource.ts';
import { badRequest, ScimError } from './scim-error.ts';
import type { ScimRequest, HttpRequest } from './request.ts';

/** The JSON of a request. @throws ScimError 415 for another content type (RFC 7644 section 3.1), 400 invalidSyntax for bad JSON */
export function readBody({
  http,
  body,
}: Pick<ScimRequest, 'body'> & { readonly http: Pick<HttpRequest, 'headers'> }): Json {
  const type = contentType(http);
  if (type !== 'application/scim+json' && type !== 'application/json') {
    throw new ScimError(
      415,
      `The content type must be application/scim+json or application/json, not ${type === '' ? 'absent' : type}.`,
    );
  }
  if (body === undefined) throw badRequest('invalidSyntax', 'The body is not valid JSON.');
  return body;
}

/** Without parameters, in lower case; empty where there is none. */
export function contentType({ headers }: Pick<HttpRequest, 'headers'>): string {
  return (
    String(headers['content-type'] ?? '')
      .split(';', 1)[0]
      ?.trim()
      .toLowerCase() ?? ''
  );
}
