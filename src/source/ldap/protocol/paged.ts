import { IncompleteReading } from '../../../model/errors.ts';
import type { LdapClient, Search, SearchDone, SearchItem } from './client.ts';
import { searchError } from './error-text.ts';
import { pagedControl, pagedCookie } from './controls.ts';
import { searchEntries } from './search-result.ts';

/**
 * All entries that a search finds, as their bytes, page by page (RFC 2696). Only the server's word that there is no further page ends it: a
 * page may be empty while its cookie is not. Where the account may not have pages, or none of that size, everything is asked for at once.
 *
 * @param pageSize in entries; 0: in one answer, for a server without pages
 * @throws IncompleteReading for every end but success, and where some entries are on another server
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
    // Why there were no pages says more than why there was not everything at once.
    if (done.code !== 0) throw searchError(client.url, search, pageRefusal ?? done);
    const next = pagedCookie(done.controls);
    if (next === undefined && paged.length > 0)
      requireComplete(client.url, search.base, cookie.length > 0 || count === pageSize);
    if (next === undefined || next.length === 0) return;
    cookie = next;
  }
}

/** adminLimitExceeded, unavailableCriticalExtension, unwillingToPerform: so servers refuse pages. */
const pageRefusalCodes: ReadonlySet<number> = new Set([11, 12, 53]);

/** A server that knows no pages gives everything at once; one that gave a page and loses the word about the next gave only that. */
function requireComplete(url: string, base: string, isPage: boolean): void {
  if (!isPage) return;
  throw new IncompleteReading(
    'ldap.pageCookieMissing',
    `${url}: the server gave a page of the entries below ${JSON.stringify(base)} without saying whether there is another (RFC 2696). ` +
      'Does something stand in between that drops controls? The reading is not complete: nothing was planned, everything stays as it is.',
  );
}

/** Partitions of Active Directory's own that hold neither people nor groups of the domain; a search at its root always mentions them. */
const ownPartitions = /\/(?:CN=Configuration|CN=Schema,CN=Configuration|DC=DomainDnsZones|DC=ForestDnsZones),/i;

/**
 * Entries that are on another server are missing here, and who is missing looks like a leaver.
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
