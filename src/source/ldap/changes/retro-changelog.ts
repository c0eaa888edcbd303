import type { LdapClient } from '../protocol/client.ts';
import { searchError } from '../protocol/search-error.ts';
import { cookieAfterContent, syncChanges, type SyncSearch } from './syncrepl.ts';
import { and, anyOf, matchAll, compileFilter, or, type Filter } from '../protocol/filter.ts';
import type { Bookmark } from './bookmark.ts';
import type { ObjectChanges } from './ad-changes.ts';
import { definitionsDigest, hasHiddenRoles } from './computed-attributes.ts';
import { ChangesUnavailable, maxChanges } from './changes-unavailable.ts';
import type { PartSearch } from '../read/part-searches.ts';
import { searchForAny } from '../protocol/run-search.ts';
import type { RootDse } from '../protocol/root-dse.ts';
import { containerClasses, namingContextOf } from './sync-searches.ts';

/*
 * 389 Directory Server implements RFC 4533 with its retro changelog, and deviates from it. What it reports, measured
 * with 2.3.1:
 *
 *   an entry that no longer matches the filter   nothing
 *   an entry that left the base and came back    a deletion
 *   an entry that changed                        all user attributes, but no nsUniqueId, nsAccountLock
 *   a change already trimmed from the log        nothing, and no error
 *   a change logged without nsUniqueId           nothing (it needs `nsslapd-attribute: nsuniqueid:targetUniqueId`)
 *   the end of the refresh                       refreshDeletes = FALSE (a present phase), although it sent changes
 *
 * Therefore each search covers a whole naming context with the filter (objectClass=*), and only the IDs of the reported
 * entries are used; the entries are read afterwards. A cookie that advanced without a reported entry means that the log
 * is unusable.
 */

type LogBookmark = Extract<Bookmark, { method: 'syncLog' }>;

interface ChangelogDeps {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly parts: readonly PartSearch[];
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/** One search per naming context. */
export function logSearches({
  dse,
  parts,
  timeoutMs,
}: Pick<ChangelogDeps, 'dse' | 'parts'> & { readonly timeoutMs: number | undefined }): readonly {
  readonly name: string;
  readonly search: SyncSearch;
}[] {
  const roots = new Set(parts.map(({ base }) => namingContextOf(base, dse)));
  return [...roots].map((base) => ({ name: base, search: { base, filter: matchAll, attributes: ['1.1'], timeoutMs } }));
}

/**
 * The current position in the changelog. The server sends a cookie only after the whole content, so the search lists
 * all entries once, without attributes.
 *
 * @throws ChangesUnavailable where the account may not use the control, or cannot read how attributes are computed
 */
export async function currentChangeNumber(deps: ChangelogDeps, signal: AbortSignal): Promise<LogBookmark> {
  const definitions = await definitionsDigest(deps, signal);
  if (await hasHiddenRoles(deps, definitions, signal))
    throw new ChangesUnavailable('users have roles, and the account may not read their definitions');
  const cookies: Record<string, string> = {};
  for (const { name, search } of logSearches(deps)) {
    const cookie = await cookieAfterContent(deps.client, search, signal);
    if (cookie === undefined || changeNumber(cookie) === undefined)
      throw new ChangesUnavailable('the server sent no cookie with a change number');
    cookies[name] = cookie.toString('base64');
  }
  return { method: 'syncLog', cookies, version: deps.dse.dataVersion, definitions };
}

/**
 * The entries that changed since, by the 16 bytes of their nsUniqueId. @throws ChangesUnavailable, IncompleteReading
 */
export async function logChanges(
  deps: ChangelogDeps,
  since: LogBookmark,
  signal: AbortSignal,
): Promise<ObjectChanges<LogBookmark>> {
  const { client, dse } = deps;
  if (since.version !== dse.dataVersion)
    throw new ChangesUnavailable('the server was restarted or reinitialised; its changelog may be incomplete');
  const definitions = await definitionsDigest(deps, signal);
  if (since.definitions !== definitions)
    throw new ChangesUnavailable('the definition of a role or of a class of service changed');
  const ids = new Map<string, Buffer>();
  const cookies: Record<string, string> = {};
  let hasAdvanced = false;
  for (const { name, search } of logSearches(deps)) {
    const encodedCookie = since.cookies[name];
    if (encodedCookie === undefined) throw new ChangesUnavailable(`the bookmark has no cookie for ${name}`);
    const cookie = Buffer.from(encodedCookie, 'base64');
    rejectTrimmed(cookie, dse);
    const { entries, removed, cookie: next } = await syncChanges(client, search, cookie, maxChanges, signal, true);
    for (const uuid of [...entries.keys(), ...removed]) ids.set(uuid, Buffer.from(uuid.replaceAll('-', ''), 'hex'));
    cookies[name] = next.toString('base64');
    hasAdvanced ||= !next.equals(cookie);
  }
  if (hasAdvanced && ids.size === 0)
    throw new ChangesUnavailable('the changelog advanced without reporting which entries changed');
  return { ids, cursor: { method: 'syncLog', cookies, version: dse.dataVersion, definitions } };
}

/** The changelog is trimmed by age, and a search from a trimmed position succeeds without the missing changes. */
function rejectTrimmed(cookie: Buffer, { firstChangeNumber }: RootDse): void {
  const known = changeNumber(cookie);
  if (known === undefined || firstChangeNumber === undefined)
    throw new ChangesUnavailable('the cookie has no change number');
  if (known + 1 < Number(firstChangeNumber))
    throw new ChangesUnavailable(
      `the changelog starts at change ${firstChangeNumber} and no longer holds change ${known + 1}`,
    );
}

/** The form of a cookie is `host:port#account:base:filter#NUMBER`. */
function changeNumber(cookie: Buffer): number | undefined {
  const digits = /#(\d+)$/.exec(cookie.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const parentFilter = or(compileFilter('(numSubordinates>=1)'), containerClasses);

/**
 * Whether one of these entries is a container. A renamed container renames its descendants, which the server does not
 * report.
 */
export async function hasChildren(
  { client, dse, parts, timeoutMs }: ChangelogDeps,
  ids: readonly Buffer[],
  signal: AbortSignal,
): Promise<boolean> {
  const filter = and(parentFilter, uniqueIdFilter(ids));
  let isParent = false;
  for (const base of new Set(parts.map((part) => namingContextOf(part.base, dse)))) {
    const search = { base, scope: 'sub', filter, attributes: ['1.1'], timeoutMs } as const;
    const { hasEntry, done } = await searchForAny(client, search, signal);
    if (done.code !== 0) throw searchError(client.url, search, done);
    isParent ||= hasEntry;
  }
  return isParent;
}

/** The text form of nsUniqueId is four groups of eight hexadecimal digits. */
export const uniqueIdFilter = (ids: readonly Buffer[]): Filter =>
  anyOf(
    'nsUniqueId',
    ids.map((id) => id.toString('hex').replace(/(.{8})(?!$)/g, '$1-')),
  );
