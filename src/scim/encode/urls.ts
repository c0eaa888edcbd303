import { remoteId, type RemoteId } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Endpoints } from '../../model/profile.ts';

/** Where resources of a kind live, or one of them (RFC 7644 section 3.2), before a profile's `endpoints` are put in their place. */
export function resourcePath(resourceType: ResourceType, id?: RemoteId): string {
  const collection = resourceType === 'User' ? '/Users' : '/Groups';
  return id === undefined ? collection : `${collection}/${encodeURIComponent(id)}`;
}

/** The endpoint of a path as the standard names it, replaced by the one that a target has. */
export function withEndpoints(path: string, { users, groups, discovery }: Endpoints): string {
  const [, first = '', rest = ''] = /^(\/[^/]*)(.*)$/.exec(path) ?? [];
  const endpointOf: Readonly<Record<string, string>> = {
    '/Users': users,
    '/Groups': groups,
    '/ServiceProviderConfig': discovery,
  };
  return `${endpointOf[first] ?? first}${rest}`;
}

/** Puts path and query behind a base URL, which may end in a slash and may have a query of its own. */
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
 * An `id` as a target sent it: a text, or a number by servers that keep numbers.
 *
 * @returns undefined for what cannot name a resource. "." and ".." would be resolved away in a URL: DELETE /Users/.. is not ours to send.
 */
export function parseId(value: unknown): RemoteId | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text !== '.' && text !== '..' ? remoteId(text) : undefined;
}
