import { remoteId, type RemoteId } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Endpoints } from '../../model/profile.ts';

/**
 * The path of a resource type or of one resource (RFC 7644 section 3.2). `withEndpoints` replaces it by the path of the
 * target.
 */
export function resourcePath(resourceType: ResourceType, id?: RemoteId): string {
  const collection = resourceType === 'User' ? '/Users' : '/Groups';
  return id === undefined ? collection : `${collection}/${encodeURIComponent(id)}`;
}

/** Replaces the standard endpoint in a path by that of the target. */
export function withEndpoints(path: string, { users, groups, discovery }: Endpoints): string {
  const end = path.indexOf('/', 1);
  const [first, rest] = end === -1 ? [path, ''] : [path.slice(0, end), path.slice(end)];
  switch (first) {
    case '/Users':
      return users + rest;
    case '/Groups':
      return groups + rest;
    case '/ServiceProviderConfig':
      return discovery + rest;
    default:
      return path;
  }
}

/** Builds URLs from a base URL, which may end in a slash and may have its own query. */
export function urlBuilder(base: string): (path: string, query?: Readonly<Record<string, string>>) => string {
  const url = new URL(base);
  const root = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  const ownQuery = url.search.replace(/^\?/, '');
  return (path, query = {}) => {
    // encodeURIComponent, not URLSearchParams: a blank as "+" is refused by servers that decode only %20.
    const added = Object.entries(query).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    );
    const search = [ownQuery, ...added].filter((part) => part !== '').join('&');
    return `${root}${path}${search === '' ? '' : `?${search}`}`;
  };
}

/**
 * Parses the `id` of a resource: a text, or a number at some servers.
 *
 * @returns undefined for an unusable id. A URL parser would resolve "." and "..": DELETE /Users/.. would address
 * another resource.
 */
export function parseId(value: unknown): RemoteId | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text !== '.' && text !== '..' ? remoteId(text) : undefined;
}

/** Why a resource cannot be addressed: its `id` as the target showed it. Undefined: the id is usable, or missing. */
export function unusableId(value: unknown): string | undefined {
  if (value === undefined || parseId(value) !== undefined) return undefined;
  return `its id is ${JSON.stringify(value)}, which cannot be part of a URL; correct the id in the application`;
}
