import type { LdapClient, Search } from '../protocol/client.ts';
import { readEntry } from '../protocol/entry.ts';
import { compileFilter, FilterSyntaxError } from '../protocol/filter.ts';
import { pagedSearch } from '../protocol/paged.ts';
import { SearchFailed } from '../protocol/search-error.ts';

/** The search that an LDAP URL without a host describes (RFC 4516). */
export interface LdapUrl {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  /** RFC 4515. */
  readonly filter: string;
}

const scopes: ReadonlyMap<string, LdapUrl['scope']> = new Map([
  ['', 'base'],
  ['base', 'base'],
  ['one', 'one'],
  ['sub', 'sub'],
]);

/** @returns undefined for a text that is not an LDAP URL, names a host, or has a critical extension */
export function parseLdapUrl(text: string): LdapUrl | undefined {
  const match = /^ldap:\/\/\/([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?([^?]*))?)?)?)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, base = '', , scopeText = '', filter = '', extensions = ''] = match;
  const scope = scopes.get(scopeText.toLowerCase());
  const hasCriticalExtension = extensions.split(',').some((extension) => extension.startsWith('!'));
  if (scope === undefined || hasCriticalExtension) return undefined;
  try {
    return {
      base: decodeURIComponent(base),
      scope,
      filter: filter === '' ? '(objectClass=*)' : decodeURIComponent(filter),
    };
  } catch {
    return undefined;
  }
}

const noSuchObject = 32;
const invalidDnSyntax = 34;

/**
 * The members of a dynamic group: the DNs that the LDAP URL in its `memberURL` finds.
 *
 * @returns a text that explains why the URL cannot be evaluated; the group must not look empty then
 * @throws IncompleteReading
 */
export async function membersByUrl(
  url: string,
  client: () => Promise<LdapClient>,
  pageSize: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly string[] | string> {
  const search = searchOf(url);
  if (typeof search === 'string') return search;
  const request = { ...search, attributes: ['1.1'], timeoutMs };
  const dns: string[] = [];
  try {
    for await (const entries of pagedSearch(await client(), request, pageSize, signal))
      for (const bytes of entries) dns.push(readEntry(bytes).dn);
  } catch (error) {
    if (!(error instanceof SearchFailed)) throw error;
    if (error.resultCode === invalidDnSyntax) return 'the base of which is not a valid DN for the server';
    // A base that does not exist has no entries below it.
    if (error.resultCode !== noSuchObject) throw error;
  }
  return dns;
}

function searchOf(text: string): Pick<Search, 'base' | 'scope' | 'filter'> | string {
  const url = parseLdapUrl(text);
  if (url === undefined) return 'which names another server or is not an LDAP URL';
  try {
    return { base: url.base, scope: url.scope, filter: compileFilter(url.filter) };
  } catch (error) {
    if (error instanceof FilterSyntaxError) return `the filter of which is invalid: ${error.message}`;
    throw error;
  }
}
