import type { LdapClient, Search, SearchDone, SearchItem } from './client.ts';

const abandoned: SearchDone = { code: 0, matchedDn: '', message: '', referrals: [], controls: [] };

/**
 * Passes all items of a search to `onItems`, batch by batch, and returns its result. An error of `onItems` abandons the
 * search.
 *
 * @throws ConnectionLost, and what `onItems` throws
 */
export async function runSearch(
  client: LdapClient,
  search: Search,
  signal: AbortSignal,
  onItems: (items: readonly SearchItem[]) => void,
): Promise<SearchDone> {
  const results = client.search(search, signal);
  try {
    for (let next = await results.next(); ; next = await results.next()) {
      if (next.done === true) return next.value;
      onItems(next.value);
    }
  } finally {
    await results.return(abandoned);
  }
}

/** Whether a search finds an entry, and its result. @throws ConnectionLost */
export async function searchForAny(
  client: LdapClient,
  search: Search,
  signal: AbortSignal,
): Promise<{ readonly hasEntry: boolean; readonly done: SearchDone }> {
  let hasEntry = false;
  const done = await runSearch(client, search, signal, (items) => {
    hasEntry ||= items.some(({ kind }) => kind === 'entry');
  });
  return { hasEntry, done };
}

/** Like `runSearch`, and yields the bytes of the entries. @throws ConnectionLost, and what `onItems` throws */
export async function* searchEntries(
  client: LdapClient,
  search: Search,
  signal: AbortSignal,
  onItems: (items: readonly SearchItem[]) => void,
): AsyncGenerator<readonly Buffer[], SearchDone> {
  const results = client.search(search, signal);
  try {
    for (let next = await results.next(); ; next = await results.next()) {
      if (next.done === true) return next.value;
      onItems(next.value);
      const entries = next.value.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []));
      if (entries.length > 0) yield entries;
    }
  } finally {
    await results.return(abandoned);
  }
}
