import type { ResourceType } from '../../model/resource-type.ts';
import { errorResponse, jsonResponse, type Response } from '../http/response.ts';
import type { Application } from '../behaviours/behaviour.ts';
import { parseRequest } from '../http/parse-request.ts';
import { readBody } from '../http/body.ts';
import { bulk } from './bulk.ts';
import { resourceTypesBody, schemasBody, serviceProviderConfig } from './discovery.ts';
import { list } from './list.ts';
import { checkIfMatch, etagHeader, isUnchanged } from '../http/precondition.ts';
import { parseProjection } from './projection.ts';
import type { ScimRequest, HttpRequest } from '../http/request.ts';
import type { Complex, Resource } from '../resources/resource.ts';
import { create, findResource, notFound, patch, remove, replace } from '../resources/resources.ts';
import { ScimError } from '../http/scim-error.ts';
import { searchQuery } from './search-request.ts';
import { visibleResource, withGroups } from '../resources/render.ts';

/**
 * Answers an authenticated SCIM request (RFC 7644 section 3.2, table 2). Errors of the client become error responses.
 */
export function route(app: Application, http: HttpRequest, ignoreFilter: boolean): Response {
  let request: ScimRequest = { http, endpointType: 'elsewhere' };
  const standardResponse = catchScimErrors(() => {
    request = parseRequest(app, http);
    for (const { transformRequest, intercept } of app.behaviours) {
      if (transformRequest !== undefined) request = transformRequest(request, app);
      const intercepted = intercept?.(request, app);
      if (intercepted !== undefined) return intercepted;
    }
    return dispatch(app, request, ignoreFilter);
  });
  return app.behaviours
    .toReversed()
    .reduce(
      (response, behaviour) => behaviour.transformResponse?.(response, request, app) ?? response,
      standardResponse,
    );
}

/** Turns a ScimError into an error response. */
function catchScimErrors(handle: () => Response): Response {
  try {
    return handle();
  } catch (error) {
    if (error instanceof ScimError) return errorResponse(error);
    throw error;
  }
}

function dispatch(app: Application, request: ScimRequest, ignoreFilter: boolean): Response {
  const { endpointType, resourceType, id, http } = request;
  if (endpointType === 'collection' && resourceType !== undefined)
    return onCollection(app, resourceType, request, ignoreFilter);
  if (endpointType === 'search' && resourceType !== undefined)
    return onSearch(app, resourceType, request, ignoreFilter);
  if (endpointType === 'resource' && resourceType !== undefined && id !== undefined)
    return onResource(app, resourceType, id, request);
  if (endpointType === 'discovery') return onDiscovery(app, request);
  if (endpointType === 'bulk' && app.options.bulk !== null) {
    if (http.method !== 'POST') throw methodNotAllowed(http, 'POST');
    return bulk(app, readBody(request), app.options.bulk, http, (inner) => route(app, inner, false));
  }
  if (optionalEndpoints.has(http.path)) throw new ScimError(501, `${http.path} is not supported.`);
  throw new ScimError(404, `${http.path} is not an endpoint.`);
}

/** Optional endpoints of RFC 7644: searches across resource types, Bulk, and the caller's own resource. */
const optionalEndpoints: ReadonlySet<string> = new Set(['/', '/.search', '/Bulk', '/Me']);

function onCollection(
  app: Application,
  resourceType: ResourceType,
  request: ScimRequest,
  ignoreFilter: boolean,
): Response {
  switch (request.http.method) {
    case 'GET':
      return jsonResponse(200, list(resourceType, request.http.query, request, app, ignoreFilter));
    case 'POST': {
      const respond = responder(app, resourceType, request);
      const id = app.behaviours
        .map(({ assignId }) => assignId?.(request))
        .find((requestedId) => requestedId !== undefined);
      const resource = create(app, resourceType, readBody(request), request, id);
      return respond(201, resource, { location: resource.meta.location });
    }
    default:
      throw methodNotAllowed(request.http, 'GET, POST');
  }
}

function onSearch(app: Application, resourceType: ResourceType, request: ScimRequest, ignoreFilter: boolean): Response {
  if (request.http.method !== 'POST') throw methodNotAllowed(request.http, 'POST');
  return jsonResponse(200, list(resourceType, searchQuery(readBody(request)), request, app, ignoreFilter));
}

function onResource(app: Application, resourceType: ResourceType, id: string, request: ScimRequest): Response {
  const { http } = request;
  const { method } = http;
  if (method === 'PATCH' && !app.options.patch)
    throw new ScimError(501, 'PATCH is not supported: replace the resource by PUT.');
  if (method !== 'GET' && method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE')
    throw methodNotAllowed(http, 'GET, PUT, PATCH, DELETE');
  const respond = responder(app, resourceType, request);
  const existing = findResource(app, resourceType, id);
  if (method === 'GET') {
    if (visibleResource(app, request, resourceType, existing) === undefined) throw notFound(resourceType, id);
    return isUnchanged(http, existing) ? { status: 304, headers: etagHeader(existing) } : respond(200, existing);
  }
  checkIfMatch(http, existing, app.options);
  if (method === 'PUT') return respond(200, replace(app, resourceType, existing, readBody(request), request));
  return method === 'PATCH'
    ? onPatch(app, resourceType, existing, request, respond)
    : onDelete(app, resourceType, existing);
}

function onPatch(
  app: Application,
  resourceType: ResourceType,
  existing: Resource,
  request: ScimRequest,
  respond: Respond,
): Response {
  const resource = patch(app, resourceType, existing, readBody(request), request);
  // RFC 7644 section 3.5.2: 204 is allowed unless the query has `attributes`.
  const empty =
    resourceType === 'Group' && app.options.groupPatchResponse === 'empty' && !request.http.query.has('attributes');
  return empty ? { status: 204, headers: etagHeader(resource) } : respond(200, resource);
}

function onDelete(app: Application, resourceType: ResourceType, existing: Resource): Response {
  if (!app.behaviours.some(({ handleDelete }) => handleDelete?.(resourceType, existing, app) ?? false))
    remove(app, resourceType, existing.id);
  return { status: 204, headers: {} };
}

type Respond = (status: number, resource: Resource, headers?: Response['headers']) => Response;

/**
 * Builds the response with a resource. Created before the request is executed, so that an invalid query has no effect.
 */
function responder(app: Application, resourceType: ResourceType, request: ScimRequest): Respond {
  const projection = parseProjection(app.typeDefinitions[resourceType], request.http.query);
  return (status, resource, headers = {}) => {
    // The response to a write contains the resource, even if reads do not return it.
    const visible =
      visibleResource(app, request, resourceType, resource) ?? withGroups(resourceType, resource, app.store);
    const body = app.behaviours
      .toReversed()
      .reduce(
        (rendered: Complex, { transformResource }) =>
          transformResource?.(rendered, resourceType, request, app) ?? rendered,
        projection === undefined ? visible : projection(visible),
      );
    return jsonResponse(status, body, { ...etagHeader(resource), ...headers });
  };
}

function onDiscovery(app: Application, { http, id }: ScimRequest): Response {
  if (http.method !== 'GET') throw methodNotAllowed(http, 'GET');
  if (http.query.has('filter'))
    throw new ScimError(403, 'Discovery endpoints do not support filters (RFC 7644 section 4).');
  const body = app.discoveryPath === null ? undefined : discoveryBody(app, http.path, id);
  if (body === undefined) throw new ScimError(404, `${http.path} is not an endpoint.`);
  return jsonResponse(200, body);
}

function discoveryBody(app: Application, path: string, id: string | undefined): Complex | undefined {
  if (path.startsWith('/ResourceTypes')) return resourceTypesBody(id, app);
  if (path.startsWith('/Schemas')) return schemasBody(id, app);
  return id === undefined ? (app.serviceProviderConfig ?? serviceProviderConfig(app)) : undefined;
}

function methodNotAllowed(request: HttpRequest, allow: string): ScimError {
  return new ScimError(405, `${request.method} is not allowed at ${request.path}. Allowed: ${allow}.`, undefined, {
    allow,
  });
}
