import type { ResourceType } from '../../model/resource-type.ts';
import type { Application } from '../behaviours/behaviour.ts';
import type { ResourceStore } from '../resources/resource-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { equalities } from '../filter/equalities.ts';
import type { Filter } from '../filter/filter.ts';
import { predicate } from '../filter/matches.ts';
import { parseFilter } from '../filter/parse.ts';
import { parseProjection } from './projection.ts';
import type { ScimRequest } from '../http/request.ts';
import type { Complex, Resource } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import { visibleResource } from '../resources/render.ts';

/** URN of a ListResponse, RFC 7644 section 3.4.2. */
export const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/**
 * The ListResponse for a query (RFC 7644 section 3.4.2), in the order of creation.
 * @throws ScimError 400 invalidFilter, invalidValue or invalidCursor
 */
export function list(
  resourceType: ResourceType,
  query: URLSearchParams,
  request: ScimRequest,
  app: Application,
  ignoreFilter: boolean,
): Complex {
  const type = app.typeDefinitions[resourceType];
  const projection = parseProjection(type, query);
  const text = query.get('filter');
  const filter = text === null ? undefined : parseFilter(type, text);
  const { skip, count } = pageRange(query, app);
  const { total, page } = selectResources(resourceType, ignoreFilter ? undefined : filter, skip, count, request, app);
  const projected: readonly Complex[] = projection === undefined ? page : page.map(projection);
  const rendered = app.behaviours
    .toReversed()
    .reduce(
      (rows, { transformResource }) =>
        transformResource === undefined ? rows : rows.map((row) => transformResource(row, resourceType, request, app)),
      projected,
    );
  if (app.options.listing !== 'cursor') return listResponse(rendered, total, skip + 1);
  const next = skip + page.length;
  return {
    schemas: [listSchema],
    totalResults: total,
    itemsPerPage: rendered.length,
    ...(next < total && page.length > 0 ? { nextCursor: encodeCursor(next) } : {}),
    Resources: rendered,
  };
}

/** The body of a ListResponse (RFC 7644 section 3.4.2) for one page. */
export function listResponse(resources: readonly Complex[], totalResults: number, startIndex: number): Complex {
  return { schemas: [listSchema], totalResults, startIndex, itemsPerPage: resources.length, Resources: resources };
}

/** Parses the paging parameters. @throws ScimError 400 for an invalid number or cursor */
function pageRange(
  query: URLSearchParams,
  { options }: Application,
): { readonly skip: number; readonly count: number } {
  const count = Math.min(options.maxPageSize, Math.max(0, parseInteger(query, 'count') ?? options.defaultPageSize));
  switch (options.listing) {
    case 'index':
      return { skip: Math.max(1, parseInteger(query, 'startIndex') ?? 1) - 1, count };
    case 'cursor':
      if (query.has('startIndex'))
        throw badRequest('invalidValue', 'startIndex is not supported: use nextCursor (RFC 9865).');
      return { skip: decodeCursor(query.get('cursor') ?? ''), count };
    case 'single':
      return { skip: 0, count: Infinity };
    case 'unreliable':
      return { skip: 0, count: query.has('filter') ? count : 0 };
  }
}

function selectResources(
  resourceType: ResourceType,
  filter: Filter | undefined,
  skip: number,
  count: number,
  request: ScimRequest,
  app: Application,
): { total: number; page: readonly Resource[] } {
  const { store, behaviours, options } = app;
  const isUnmodified = behaviours.every(
    ({ visibleAs, orderList }) => visibleAs === undefined && orderList === undefined,
  );
  const hidesAll = options.listing === 'unreliable' && filter === undefined;
  if (hidesAll) return { total: 0, page: [] };
  if (filter === undefined && isUnmodified) {
    return {
      total: store.size(resourceType),
      page: slice(store.all(resourceType), skip, count).flatMap(
        (resource) => visibleResource(app, request, resourceType, resource) ?? [],
      ),
    };
  }
  const matches = filter === undefined ? () => true : predicate(filter);
  const rows: Resource[] = [];
  for (const resource of filter === undefined ? store.all(resourceType) : candidates(resourceType, filter, store)) {
    const row = visibleResource(app, request, resourceType, resource);
    if (row !== undefined && matches(row)) rows.push(row);
  }
  const ordered = behaviours.reduce(
    (list: readonly Resource[], { orderList }) => orderList?.(list, resourceType, app) ?? list,
    rows,
  );
  return { total: ordered.length, page: ordered.slice(skip, skip + count) };
}

/**
 * The resources that can match a filter according to an index, otherwise all. The filter still applies to each of them.
 */
function candidates(resourceType: ResourceType, filter: Filter, store: ResourceStore): Iterable<Resource> {
  const ids = equalities(filter, 'id');
  if (ids !== undefined) return new Set(ids.flatMap((id) => store.get(resourceType, id) ?? []));
  for (const attribute of ['userName', 'externalId', 'displayName']) {
    const values = store.isUnique(resourceType, attribute) ? equalities(filter, attribute) : undefined;
    if (values !== undefined)
      return new Set(values.flatMap((value) => store.findUnique(resourceType, attribute, value)));
  }
  return store.all(resourceType);
}

function slice<T>(items: Iterable<T>, skip: number, count: number): readonly T[] {
  const selected: T[] = [];
  let at = 0;
  for (const item of items) {
    if (selected.length >= count) break;
    if (at >= skip) selected.push(item);
    at += 1;
  }
  return selected;
}

function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^-?\d{1,15}$/.test(text))
    throw badRequest('invalidValue', `${name} must be an integer, not ${JSON.stringify(text)}.`);
  return Number(text);
}
