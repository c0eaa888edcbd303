import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { badRequest } from '../http/scim-error.ts';

const searchSchema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const names = ['attributes', 'excludedAttributes', 'filter', 'startIndex', 'count'] as const;

/**
 * Converts the body of a POST to /.search into query parameters (RFC 7644 section 3.4.3).
 * @throws ScimError 400 invalidSyntax
 */
export function searchQuery(message: Json): URLSearchParams {
  const schemas = getIgnoringCase(message, 'schemas');
  if (!Array.isArray(schemas) || !schemas.includes(searchSchema)) {
    throw badRequest('invalidSyntax', `The body of a search must have "schemas": ["${searchSchema}"].`);
  }
  const query = new URLSearchParams();
  for (const name of names) {
    const value = getIgnoringCase(message, name);
    if (typeof value === 'string' || typeof value === 'number') query.set(name, String(value));
    else if (Array.isArray(value)) query.set(name, value.join(','));
  }
  return query;
}
