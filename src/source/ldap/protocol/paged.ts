import { IncompleteReading } from '../../../model/errors.ts';
import type { LdapClient, Search, SearchDone, SearchItem } from './client.ts';
import { incomplete } from './incomplete-reading.ts';
import { searchError } from './search-error.ts';
import { pagedControl, pagedCookie } from './controls.ts';
import { searchEntries } from './run-search.ts';

/**
 * The bytes of all entries that a search finds, page by page (RFC 2696). Only an empty cookie ends it: a page may be
 * empty while its cookie is not. Where the server refuses pages, or pages of this size, to the account, the search runs
 * once without pages.
 *
 * @param pageSize in entries; 0: without pages
 * @throws IncompleteReading for every result but success, and where some entries are on another server
 */
export async function* pagedSearch(
  client: LdapClient,
  search: Search,
  pageSize: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Buffer[], undefined> {
  let cookie: Buffer = Buffer.alloc(0);
  let pageRefusal: SearchDone | undefined;
  let hasItems = false;
  for (;;) {
    const paged = pageSize === 0 || pageRefusal !== undefined ? [] : [pagedControl(pageSize, cookie)];
    let count = 0;
    const done = yield* searchEntries(
      client,
      { ...search, controls: [...(search.controls ?? []), ...paged] },
      signal,
      (items) => {
        rejectReferrals(client.url, search, items);
        hasItems ||= items.length > 0;
        count += items.filter(({ kind }) => kind === 'entry').length;
      },
    );
    if (paged.length > 0 && !hasItems && pageRefusalCodes.has(done.code)) {
      pageRefusal = done;
      continue;
    }
    // The refusal of pages explains more than the error of the search without pages.
    if (done.code !== 0) throw searchError(client.url, search, pageRefusal ?? done);
    const next = pagedCookie(done.controls);
    if (next === undefined && paged.length > 0)
      requireComplete(client.url, search.base, cookie.length > 0 || count === pageSize);
    if (next === undefined || next.length === 0) return;
    cookie = next;
  }
}

/**
 * adminLimitExceeded, unavailableCriticalExtension, unwillingToPerform: the results with which servers refuse pages.
 */
const pageRefusalCodes: ReadonlySet<number> = new Set([11, 12, 53]);

/**
 * Without the control in the response, the server ignored it and returned everything, unless the result looks like one
 * page.
 */
function requireComplete(url: string, base: string, isPage: boolean): void {
  if (!isPage) return;
  throw new IncompleteReading(
    'ldap.pageCookieMissing',
    (consequence) =>
      `${url}: the server returned a page of the entries below ${JSON.stringify(base)} without a cookie (RFC 2696), ` +
      `so whether another page follows is unknown. Does a proxy remove controls? ${incomplete(consequence)}`,
  );
}

/**
 * Partitions of Active Directory without users and groups of the domain. Every search at the root returns references to
 * them.
 */
const ownPartitions = /\/(?:CN=Configuration|CN=Schema,CN=Configuration|DC=DomainDnsZones|DC=ForestDnsZones),/i;

/**
 * A search result reference means that entries are missing in the result, and a missing user looks like a leaver.
 *
 * @throws IncompleteReading
 */
export function rejectReferrals(url: string, search: { readonly base: string }, items: readonly SearchItem[]): void {
  const urls = items
    .flatMap((item) => (item.kind === 'reference' ? item.urls : []))
    .filter((each) => !ownPartitions.test(each));
  if (urls.length > 0)
    throw searchError(url, search, { code: 10, matchedDn: '', message: '', referrals: urls, controls: [] });
}
