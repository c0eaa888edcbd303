import type { Kind } from '../model/kind.ts';
import { errorAnswer, jsonAnswer, type Answer } from './answer.ts';
import type { Application } from './application.ts';
import { understand } from './asked.ts';
import { readBody } from './body.ts';
import { bulk } from './bulk.ts';
import { resourceTypeAnswer, schemaAnswer, serviceProviderConfig } from './discovery.ts';
import { list } from './list.ts';
import { checkIfMatch, etagHeader, isUnchanged } from './precondition.ts';
import { readProjection } from './projection.ts';
import type { Asked, Request } from './request.ts';
import type { Complex, Resource } from './resource.ts';
import { create, find, missing, patch, remove, replace } from './resources.ts';
import { ScimError } from './scim-error.ts';
import { searchQuery } from './search-request.ts';
import { seen, view } from './view.ts';

/** The answer to a SCIM request whose sender is known (RFC 7644 section 3.2, table 2). Never throws for what a client can do wrong. */
export function route(app: Application, request: Request, ignoreFilter: boolean): Answer {
  let asked: Asked = { request, on: 'elsewhere' };
  const honest = refusing(() => {
    asked = understand(app, request);
    for (const { hear, judge } of app.habits) {
      if (hear !== undefined) asked = hear(asked, app);
      const instead = judge?.(asked, app);
      if (instead !== undefined) return instead;
    }
    return dispatch(app, asked, ignoreFilter);
  });
  return app.habits.toReversed().reduce((answer, habit) => habit.answer?.(answer, asked, app) ?? answer, honest);
}

/** A refusal as the answer that it is. */
function refusing(act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    if (error instanceof ScimError) return errorAnswer(error);
    throw error;
  }
}

function dispatch(app: Application, asked: Asked, ignoreFilter: boolean): Answer {
  const { on, kind, id, request } = asked;
  if (on === 'collection' && kind !== undefined) return onCollection(app, kind, asked, ignoreFilter);
  if (on === 'search' && kind !== undefined) return onSearch(app, kind, asked, ignoreFilter);
  if (on === 'resource' && kind !== undefined && id !== undefined) return onResource(app, kind, id, asked);
  if (on === 'discovery') return onDiscovery(app, asked);
  if (on === 'bulk' && app.rules.bulk !== null) {
    if (request.method !== 'POST') throw notAllowed(request, 'POST');
    return bulk(app, readBody(asked), app.rules.bulk, request, (inner) => route(app, inner, false));
  }
  if (notServed.has(request.path)) throw new ScimError(501, `This application does not serve ${request.path}.`);
  throw new ScimError(404, `There is nothing at ${request.path}.`);
}

/** Endpoints of RFC 7644 that an application may leave out: queries over all kinds, bulk, and the caller's own resource. */
const notServed: ReadonlySet<string> = new Set(['/', '/.search', '/Bulk', '/Me']);

function onCollection(app: Application, kind: Kind, asked: Asked, ignoreFilter: boolean): Answer {
  switch (asked.request.method) {
    case 'GET':
      return jsonAnswer(200, list(kind, asked.request.query, asked, app, ignoreFilter));
    case 'POST': {
      const show = showing(app, kind, asked);
      const id = app.habits.map(({ identify }) => identify?.(asked)).find((given) => given !== undefined);
      const resource = create(app, kind, readBody(asked), asked, id);
      return show(201, resource, { location: resource.meta.location });
    }
    default:
      throw notAllowed(asked.request, 'GET, POST');
  }
}

function onSearch(app: Application, kind: Kind, asked: Asked, ignoreFilter: boolean): Answer {
  if (asked.request.method !== 'POST') throw notAllowed(asked.request, 'POST');
  return jsonAnswer(200, list(kind, searchQuery(readBody(asked)), asked, app, ignoreFilter));
}

function onResource(app: Application, kind: Kind, id: string, asked: Asked): Answer {
  const { request } = asked;
  const { method } = request;
  if (method === 'PATCH' && !app.rules.patch)
    throw new ScimError(501, 'This application has no PATCH: replace the whole resource by PUT.');
  if (method !== 'GET' && method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE')
    throw notAllowed(request, 'GET, PUT, PATCH, DELETE');
  const show = showing(app, kind, asked);
  const found = find(app, kind, id);
  if (method === 'GET') {
    if (seen(app, asked, kind, found) === undefined) throw missing(kind, id);
    return isUnchanged(request, found) ? { status: 304, headers: etagHeader(found) } : show(200, found);
  }
  checkIfMatch(request, found, app.rules);
  if (method === 'PUT') return show(200, replace(app, kind, found, readBody(asked), asked));
  return method === 'PATCH' ? onPatch(app, kind, found, asked, show) : onDelete(app, kind, found);
}

function onPatch(app: Application, kind: Kind, found: Resource, asked: Asked, show: Show): Answer {
  const resource = patch(app, kind, found, readBody(asked), asked);
  // RFC 7644 section 3.5.2: 204 is allowed unless the client asks for attributes.
  const empty = kind === 'Group' && app.rules.groupPatchAnswer === 'empty' && !asked.request.query.has('attributes');
  return empty ? { status: 204, headers: etagHeader(resource) } : show(200, resource);
}

function onDelete(app: Application, kind: Kind, found: Resource): Answer {
  if (!app.habits.some(({ end }) => end?.(kind, found, app) ?? false)) remove(app, kind, found.id);
  return { status: 204, headers: {} };
}

type Show = (status: number, resource: Resource, headers?: Answer['headers']) => Answer;

/** How a resource is answered to this request. Made before anything is done, so that a query which is refused changes nothing. */
function showing(app: Application, kind: Kind, asked: Asked): Show {
  const projection = readProjection(app.types[kind], asked.request.query);
  return (status, resource, headers = {}) => {
    // Who writes is told of what was written, even where nobody could look it up.
    const whole = seen(app, asked, kind, resource) ?? view(kind, resource, app.contents);
    const body = app.habits
      .toReversed()
      .reduce(
        (shown: Complex, { show }) => show?.(shown, kind, asked, app) ?? shown,
        projection === undefined ? whole : projection(whole),
      );
    return jsonAnswer(status, body, { ...etagHeader(resource), ...headers });
  };
}

function onDiscovery(app: Application, { request, id }: Asked): Answer {
  if (request.method !== 'GET') throw notAllowed(request, 'GET');
  if (request.query.has('filter')) throw new ScimError(403, 'Discovery endpoints take no filter (RFC 7644 section 4).');
  const body = app.discovery === null ? undefined : discovery(app, request.path, id);
  if (body === undefined) throw new ScimError(404, `There is nothing at ${request.path}.`);
  return jsonAnswer(200, body);
}

function discovery(app: Application, path: string, id: string | undefined): Complex | undefined {
  if (path.startsWith('/ResourceTypes')) return resourceTypeAnswer(id, app);
  if (path.startsWith('/Schemas')) return schemaAnswer(id, app);
  return id === undefined ? serviceProviderConfig(app) : undefined;
}

function notAllowed(request: Request, allow: string): ScimError {
  return new ScimError(405, `${request.method} is not possible at ${request.path}; ${allow} is.`, undefined, { allow });
}
