import { resourceTypes } from '../../model/resource-type.ts';
import type { Json } from '../../model/resource.ts';
import type { Application } from '../behaviours/behaviour.ts';
import type { ScimRequest, HttpRequest } from './request.ts';
import { ScimError } from './scim-error.ts';

/**
 * Resolves the path of a request to an endpoint (RFC 7644 section 3.2, table 2).
 * @throws ScimError 400 for a path that cannot be decoded
 */
export function parseRequest(
  app: Pick<Application, 'typeDefinitions' | 'discoveryPath'>,
  http: HttpRequest,
): ScimRequest {
  const body = parseJson(http);
  const base = { http, ...(body === undefined ? {} : { body }) };
  for (const resourceType of resourceTypes) {
    const rest = segmentsBelow(app.typeDefinitions[resourceType].endpoint, http.path);
    if (rest === undefined) continue;
    const [id, ...more] = rest;
    if (more.length > 0) return { ...base, endpointType: 'elsewhere' };
    if (id === undefined) return { ...base, endpointType: 'collection', resourceType };
    return id === '.search'
      ? { ...base, endpointType: 'search', resourceType }
      : { ...base, endpointType: 'resource', resourceType, id };
  }
  if (segmentsBelow('/Bulk', http.path)?.length === 0) return { ...base, endpointType: 'bulk' };
  for (const endpoint of [app.discoveryPath ?? '/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
    const rest = segmentsBelow(endpoint, http.path);
    if (rest !== undefined && rest.length <= 1)
      return { ...base, endpointType: 'discovery', ...(rest[0] === undefined ? {} : { id: rest[0] }) };
  }
  return { ...base, endpointType: 'elsewhere' };
}

/** The decoded path segments after an endpoint. @returns undefined if the path is not below the endpoint */
export function segmentsBelow(endpoint: string, path: string): readonly string[] | undefined {
  return path === endpoint || path.startsWith(`${endpoint}/`) ? pathSegments(path.slice(endpoint.length)) : undefined;
}

function pathSegments(path: string): readonly string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw new ScimError(400, `The percent-encoding of the path ${path} is invalid.`);
  }
}

function parseJson({ text }: HttpRequest): Json | undefined {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
