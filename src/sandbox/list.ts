import type { Kind } from '../model/kind.ts';
import type { Application } from './application.ts';
import type { Contents } from './contents.ts';
import { equalities } from './filter/equalities.ts';
import type { Filter } from './filter/filter.ts';
import { predicate } from './filter/matches.ts';
import { parseFilter } from './filter/parse.ts';
import { readProjection } from './projection.ts';
import type { Complex, Resource } from './resource.ts';
import { badRequest } from './scim-error.ts';
import { resourceTypes } from './schema/resource-type.ts';
import { view } from './view.ts';

export const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/**
 * The ListResponse for a query (RFC 7644 section 3.4.2), in the order of creation.
 * @throws ScimError 400 invalidFilter or invalidValue
 */
export function list(kind: Kind, query: URLSearchParams, { contents, rules }: Application, ignoreFilter: boolean): Complex {
  const type = resourceTypes[kind];
  const projection = readProjection(type, query);
  const startIndex = Math.max(1, readInteger(query, 'startIndex') ?? 1);
  const count = Math.min(rules.maxPageSize, Math.max(0, readInteger(query, 'count') ?? rules.defaultPageSize));
  const text = query.get('filter');
  const filter = text === null ? undefined : parseFilter(type, text);
  const { total, page } =
    filter === undefined || ignoreFilter
      ? { total: contents.size(kind), page: slice(contents.all(kind), startIndex - 1, count).map((resource) => view(kind, resource, contents)) }
      : matching(kind, filter, contents, startIndex - 1, count);
  return listResponse(projection === undefined ? page : page.map(projection), total, startIndex);
}

export function listResponse(resources: readonly Complex[], totalResults: number, startIndex: number): Complex {
  return { schemas: [listSchema], totalResults, startIndex, itemsPerPage: resources.length, Resources: resources };
}

function matching(kind: Kind, filter: Filter, contents: Contents, skip: number, count: number): { total: number; page: readonly Resource[] } {
  const matches = predicate(filter);
  const page: Resource[] = [];
  let total = 0;
  for (const resource of candidates(kind, filter, contents)) {
    const seen = view(kind, resource, contents);
    if (!matches(seen)) continue;
    if (total >= skip && page.length < count) page.push(seen);
    total += 1;
  }
  return { total, page };
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
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest('invalidValue', `${name} must be an integer, not ${JSON.stringify(text)}.`);
  return Number(text);
}
