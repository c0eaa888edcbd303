import type { LdapClient, Search, SearchDone, SearchItem } from './client.ts';

const unknown: SearchDone = { code: 0, matchedDn: '', message: '', referrals: [], controls: [] };

/**
 * Everything that a search gives, batch by batch, and its result. A consumer that throws ends the search as well.
 *
 * @throws ConnectionLost, and what `each` throws
 */
export async function resultOf(
  client: LdapClient,
  search: Search,
  signal: AbortSignal,
  each: (items: readonly SearchItem[]) => void,
): Promise<SearchDone> {
  const found = client.search(search, signal);
  try {
    for (let next = await found.next(); ; next = await found.next()) {
      if (next.done === true) return next.value;
      each(next.value);
    }
  } finally {
    await found.return(unknown);
  }
}

/** Whether a search finds anybody, and its result. @throws ConnectionLost */
export async function findsAny(
  client: LdapClient,
  search: Search,
  signal: AbortSignal,
): Promise<{ readonly isThere: boolean; readonly done: SearchDone }> {
  let isThere = false;
  const done = await resultOf(client, search, signal, (items) => {
    isThere ||= items.some(({ kind }) => kind === 'entry');
  });
  return { isThere, done };
}

/** The same as `resultOf` for whoever passes entries on: it gives their bytes. @throws ConnectionLost, and what `look` throws */
export async function* entriesOf(
  client: LdapClient,
  search: Search,
  signal: AbortSignal,
  look: (items: readonly SearchItem[]) => void,
): AsyncGenerator<readonly Buffer[], SearchDone> {
  const found = client.search(search, signal);
  try {
    for (let next = await found.next(); ; next = await found.next()) {
      if (next.done === true) return next.value;
      look(next.value);
      const entries = next.value.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []));
      if (entries.length > 0) yield entries;
    }
  } finally {
    await found.return(unknown);
  }
}
