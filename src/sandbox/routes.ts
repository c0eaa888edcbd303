import { kinds, type Kind } from '../model/kind.ts';
import { errorAnswer, jsonAnswer, type Answer } from './answer.ts';
import type { Application, Request } from './application.ts';
import { readBody } from './body.ts';
import { resourceTypeAnswer, schemaAnswer, serviceProviderConfig } from './discovery.ts';
import { list } from './list.ts';
import { checkIfMatch, etagHeader, isUnchanged } from './precondition.ts';
import { readProjection } from './projection.ts';
import type { Complex, Resource } from './resource.ts';
import { create, find, patch, remove, replace } from './resources.ts';
import { resourceTypes } from './schema/resource-type.ts';
import { ScimError } from './scim-error.ts';
import { searchQuery } from './search-request.ts';
import { view } from './view.ts';

/** The answer to a SCIM request whose sender is known (RFC 7644 section 3.2, table 2). Never throws for what a client can do wrong. */
export function route(app: Application, request: Request, ignoreFilter: boolean): Answer {
  try {
    return dispatch(app, request, ignoreFilter);
  } catch (error) {
    if (error instanceof ScimError) return errorAnswer(error);
    throw error;
  }
}

function dispatch(app: Application, request: Request, ignoreFilter: boolean): Answer {
  const [endpoint = '', id, ...more] = segments(request.path);
  if (more.length === 0) {
    const kind = kinds.find((each) => resourceTypes[each].endpoint === `/${endpoint}`);
    if (kind !== undefined && id === undefined) return onCollection(app, kind, request, ignoreFilter);
    if (kind !== undefined && id === '.search') return onSearch(app, kind, request, ignoreFilter);
    if (kind !== undefined && id !== undefined) return onResource(app, kind, id, request);
    if (discoveryEndpoints.has(endpoint)) return onDiscovery(app, request, endpoint, id);
    if (notServed.has(endpoint)) throw new ScimError(501, `This application does not serve ${request.path}.`);
  }
  throw new ScimError(404, `There is nothing at ${request.path}.`);
}

const discoveryEndpoints: ReadonlySet<string> = new Set(['ServiceProviderConfig', 'ResourceTypes', 'Schemas']);

/** Endpoints of RFC 7644 that an application may leave out: queries over all kinds, bulk, and the caller's own resource. */
const notServed: ReadonlySet<string> = new Set(['', '.search', 'Bulk', 'Me']);

function onCollection(app: Application, kind: Kind, request: Request, ignoreFilter: boolean): Answer {
  switch (request.method) {
    case 'GET':
      return jsonAnswer(200, list(kind, request.query, app, ignoreFilter));
    case 'POST': {
      const show = showing(app, kind, request);
      const resource = create(app, kind, readBody(request));
      return show(201, resource, { location: resource.meta.location });
    }
    default:
      throw notAllowed(request, 'GET, POST');
  }
}

function onSearch(app: Application, kind: Kind, request: Request, ignoreFilter: boolean): Answer {
  if (request.method !== 'POST') throw notAllowed(request, 'POST');
  return jsonAnswer(200, list(kind, searchQuery(readBody(request)), app, ignoreFilter));
}

function onResource(app: Application, kind: Kind, id: string, request: Request): Answer {
  const { method } = request;
  if (method === 'PATCH' && !app.rules.patch) throw new ScimError(501, 'This application has no PATCH: replace the whole resource by PUT.');
  if (method !== 'GET' && method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE') throw notAllowed(request, 'GET, PUT, PATCH, DELETE');
  const show = showing(app, kind, request);
  const found = find(app, kind, id);
  if (method === 'GET') return isUnchanged(request, found) ? { status: 304, headers: etagHeader(found) } : show(200, found);
  checkIfMatch(request, found, app.rules);
  if (method === 'PUT') return show(200, replace(app, kind, found, readBody(request)));
  if (method === 'PATCH') {
    const resource = patch(app, kind, found, readBody(request));
    // RFC 7644 section 3.5.2: 204 is allowed unless the client asks for attributes.
    const empty = kind === 'Group' && app.rules.groupPatchAnswer === 'empty' && !request.query.has('attributes');
    return empty ? { status: 204, headers: etagHeader(resource) } : show(200, resource);
  }
  remove(app, kind, id);
  return { status: 204, headers: {} };
}

/** How a resource is answered to this request. Made before anything is done, so that a query which is refused changes nothing. */
function showing(app: Application, kind: Kind, { query }: Request): (status: number, resource: Resource, headers?: Answer['headers']) => Answer {
  const projection = readProjection(resourceTypes[kind], query);
  return (status, resource, headers = {}) => {
    const seen = view(kind, resource, app.contents);
    return jsonAnswer(status, projection === undefined ? seen : projection(seen), { ...etagHeader(resource), ...headers });
  };
}

function onDiscovery(app: Application, request: Request, endpoint: string, id: string | undefined): Answer {
  if (request.method !== 'GET') throw notAllowed(request, 'GET');
  if (request.query.has('filter')) throw new ScimError(403, 'Discovery endpoints take no filter (RFC 7644 section 4).');
  const body = discovery(app, endpoint, id);
  if (body === undefined) throw new ScimError(404, `There is nothing at ${request.path}.`);
  return jsonAnswer(200, body);
}

function discovery({ rules, url }: Application, endpoint: string, id: string | undefined): Complex | undefined {
  if (endpoint === 'ResourceTypes') return resourceTypeAnswer(id, url);
  if (endpoint === 'Schemas') return schemaAnswer(id, url);
  return id === undefined ? serviceProviderConfig(rules, url) : undefined;
}

function notAllowed(request: Request, allow: string): ScimError {
  return new ScimError(405, `${request.method} is not possible at ${request.path}; ${allow} is.`, undefined, { allow });
}

function segments(path: string): readonly string[] {
  try {
    return path.split('/').filter((segment) => segment !== '').map(decodeURIComponent);
  } catch {
    throw new ScimError(400, `The path ${path} is not percent-encoded as it should be.`);
  }
}
