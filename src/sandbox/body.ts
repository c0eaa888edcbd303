import type { Json } from '../model/resource.ts';
import { badRequest, ScimError } from './scim-error.ts';
import type { Asked, Request } from './request.ts';

/** The JSON of a request. @throws ScimError 415 for another content type (RFC 7644 section 3.1), 400 invalidSyntax for bad JSON */
export function readBody({
  request,
  message,
}: Pick<Asked, 'message'> & { readonly request: Pick<Request, 'headers'> }): Json {
  const type = contentType(request);
  if (type !== 'application/scim+json' && type !== 'application/json') {
    throw new ScimError(
      415,
      `The content type must be application/scim+json or application/json, not ${type === '' ? 'absent' : type}.`,
    );
  }
  if (message === undefined) throw badRequest('invalidSyntax', 'The body is not valid JSON.');
  return message;
}

/** Without parameters, in lower case; empty where there is none. */
export function contentType({ headers }: Pick<Request, 'headers'>): string {
  return (
    String(headers['content-type'] ?? '')
      .split(';', 1)[0]
      ?.trim()
      .toLowerCase() ?? ''
  );
}
