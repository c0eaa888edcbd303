import type { Kind } from '../model/kind.ts';
import type { Application } from './application.ts';
import type { Contents } from './contents.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { equalities } from './filter/equalities.ts';
import type { Filter } from './filter/filter.ts';
import { predicate } from './filter/matches.ts';
import { parseFilter } from './filter/parse.ts';
import { readProjection } from './projection.ts';
import type { Asked } from './request.ts';
import type { Complex, Resource } from './resource.ts';
import { badRequest } from './scim-error.ts';
import { seen } from './view.ts';

export const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/**
 * The ListResponse for a query (RFC 7644 section 3.4.2), in the order of creation.
 * @throws ScimError 400 invalidFilter, invalidValue or invalidCursor
 */
export function list(
  kind: Kind,
  query: URLSearchParams,
  asked: Asked,
  app: Application,
  ignoreFilter: boolean,
): Complex {
  const type = app.types[kind];
  const projection = readProjection(type, query);
  const text = query.get('filter');
  const filter = text === null ? undefined : parseFilter(type, text);
  const { skip, count } = part(query, app);
  const { total, page } = found(kind, ignoreFilter ? undefined : filter, skip, count, asked, app);
  const projected: readonly Complex[] = projection === undefined ? page : page.map(projection);
  const shown = app.habits
    .toReversed()
    .reduce(
      (rows, { show }) => (show === undefined ? rows : rows.map((row) => show(row, kind, asked, app))),
      projected,
    );
  if (app.rules.listing !== 'cursor') return listResponse(shown, total, skip + 1);
  const next = skip + page.length;
  return {
    schemas: [listSchema],
    totalResults: total,
    itemsPerPage: shown.length,
    ...(next < total && page.length > 0 ? { nextCursor: writeCursor(next) } : {}),
    Resources: shown,
  };
}

export function listResponse(resources: readonly Complex[], totalResults: number, startIndex: number): Complex {
  return { schemas: [listSchema], totalResults, startIndex, itemsPerPage: resources.length, Resources: resources };
}

/** Which rows are asked for. @throws ScimError 400 for numbers and cursors that are none */
function part(query: URLSearchParams, { rules }: Application): { readonly skip: number; readonly count: number } {
  const count = Math.min(rules.maxPageSize, Math.max(0, readInteger(query, 'count') ?? rules.defaultPageSize));
  switch (rules.listing) {
    case 'index':
      return { skip: Math.max(1, readInteger(query, 'startIndex') ?? 1) - 1, count };
    case 'cursor':
      if (query.has('startIndex'))
        throw badRequest('invalidValue', 'This application has no startIndex: follow nextCursor (RFC 9865).');
      return { skip: readCursor(query.get('cursor') ?? ''), count };
    case 'whole':
      return { skip: 0, count: Infinity };
    case 'none':
      return { skip: 0, count: query.has('filter') ? count : 0 };
  }
}

function found(
  kind: Kind,
  filter: Filter | undefined,
  skip: number,
  count: number,
  asked: Asked,
  app: Application,
): { total: number; page: readonly Resource[] } {
  const { contents, habits, rules } = app;
  const isPlain = habits.every(({ appear, arrange }) => appear === undefined && arrange === undefined);
  const hidesAll = rules.listing === 'none' && filter === undefined;
  if (hidesAll) return { total: 0, page: [] };
  if (filter === undefined && isPlain) {
    return {
      total: contents.size(kind),
      page: slice(contents.all(kind), skip, count).flatMap((resource) => seen(app, asked, kind, resource) ?? []),
    };
  }
  const matches = filter === undefined ? () => true : predicate(filter);
  const rows: Resource[] = [];
  for (const resource of filter === undefined ? contents.all(kind) : candidates(kind, filter, contents)) {
    const row = seen(app, asked, kind, resource);
    if (row !== undefined && matches(row)) rows.push(row);
  }
  const arranged = habits.reduce((list: readonly Resource[], { arrange }) => arrange?.(list, kind, app) ?? list, rows);
  return { total: arranged.length, page: arranged.slice(skip, skip + count) };
}

/** The resources that an index allows for this filter, each once; otherwise all. The filter still judges each of them. */
function candidates(kind: Kind, filter: Filter, contents: Contents): Iterable<Resource> {
  const ids = equalities(filter, 'id');
  if (ids !== undefined) return new Set(ids.flatMap((id) => contents.get(kind, id) ?? []));
  for (const attribute of ['userName', 'externalId', 'displayName']) {
    const values = contents.isUnique(kind, attribute) ? equalities(filter, attribute) : undefined;
    if (values !== undefined) return new Set(values.flatMap((value) => contents.ownerOf(kind, attribute, value) ?? []));
  }
  return contents.all(kind);
}

function slice<T>(items: Iterable<T>, skip: number, count: number): readonly T[] {
  const taken: T[] = [];
  let at = 0;
  for (const item of items) {
    if (taken.length >= count) break;
    if (at >= skip) taken.push(item);
    at += 1;
  }
  return taken;
}

function readInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^-?\d{1,15}$/.test(text))
    throw badRequest('invalidValue', `${name} must be an integer, not ${JSON.stringify(text)}.`);
  return Number(text);
}
