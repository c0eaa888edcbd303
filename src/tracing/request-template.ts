/** The endpoints of RFC 7644 section 3.2. What else a path has may be an id, or the name of a tenant. */
const endpoints: ReadonlySet<string> = new Set([
  ...['Users', 'Groups', 'Me', 'Bulk', '.search'],
  ...['ServiceProviderConfig', 'ResourceTypes', 'Schemas'],
]);

/**
 * What a URL is for, without anything about a person: `https://x.example/t1/Users/42?filter=…` → `/Users/{id}`.
 * An id can be an e-mail address, and a filter contains a name.
 */
export function requestTemplate(url: string): string {
  const segments = new URL(url).pathname.split('/').filter((segment) => segment !== '');
  const at = segments.findLastIndex((segment) => endpoints.has(segment));
  if (at === -1) return '/{path}';
  const collection = segments[at] ?? '';
  // Both of a search below a collection are endpoints.
  const parent = segments[at - 1] ?? '';
  const path = collection === '.search' && endpoints.has(parent) ? `/${parent}/${collection}` : `/${collection}`;
  return at === segments.length - 1 ? path : `${path}/{id}`;
}
