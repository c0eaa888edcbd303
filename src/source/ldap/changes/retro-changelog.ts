import type { LdapClient } from '../protocol/client.ts';
import { searchError } from '../protocol/error-text.ts';
import { cookieAfterContent, SyncUnavailable, syncChanges, type SyncSearch } from './syncrepl.ts';
import { and, anyOf, matchAll, compileFilter, or, type Filter } from '../protocol/filter.ts';
import type { Bookmark } from './bookmark.ts';
import { ChangesUnavailable, maxChanges, type ObjectChanges } from './ad-changes.ts';
import type { PartSearch } from '../read/part-searches.ts';
import { searchForAny } from '../protocol/search-result.ts';
import type { RootDse } from '../protocol/root-dse.ts';
import { containerClasses, namingContextOf } from './sync-searches.ts';

/*
 * 389 Directory Server synchronises content by its retro changelog, and differs from RFC 4533 in what it then tells, measured with 2.3.1:
 *
 *   an entry that no longer matches the filter   nothing
 *   an entry that left the base and came back    that it is gone
 *   an entry that changed                        all its ordinary attributes, whichever were asked for: nsUniqueId and nsAccountLock are missing
 *   a change that the log no longer holds        nothing, and no refusal
 *   a change whose nsUniqueId is not logged      nothing (the retro changelog needs `nsslapd-attribute: nsuniqueid:targetUniqueId`)
 *   the end                                      that it told what is present (refreshDeletes is false), although it told what changed
 *
 * So everything in a naming context is listened to, whatever it is, and only which entries are spoken of is believed; what became of them is read.
 * A log that goes on although nobody is spoken of cannot be trusted.
 */

type LogBookmark = Extract<Bookmark, { method: 'syncLog' }>;

interface ChangelogDeps {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly parts: readonly PartSearch[];
  readonly timeoutMs: number;
}

/** One search for each naming context. */
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
 * Where things stand now. A cookie is only given at the end of everything, so that all names are listed for it.
 *
 * @throws ChangesUnavailable where the server does not synchronise for this account
 */
export async function currentChangeNumber(deps: ChangelogDeps, signal: AbortSignal): Promise<LogBookmark> {
  const cookies: Record<string, string> = {};
  try {
    for (const { name, search } of logSearches(deps)) {
      const cookie = await cookieAfterContent(deps.client, search, signal);
      if (cookie === undefined || changeNumber(cookie) === undefined)
        throw new ChangesUnavailable('the server gave no cookie that names a change');
      cookies[name] = cookie.toString('base64');
    }
  } catch (error) {
    if (error instanceof SyncUnavailable) throw new ChangesUnavailable(error.message, { cause: error });
    throw error;
  }
  return { method: 'syncLog', cookies, version: deps.dse.dataVersion };
}

/** Which entries changed since, by the 16 bytes of their nsUniqueId. @throws SyncUnavailable, IncompleteReading */
export async function logChanges(
  deps: ChangelogDeps,
  since: LogBookmark,
  signal: AbortSignal,
): Promise<ObjectChanges<LogBookmark>> {
  const { client, dse } = deps;
  if (since.version !== dse.dataVersion)
    throw new SyncUnavailable('the server was started or loaded anew, and its log need not tell of it');
  const ids = new Map<string, Buffer>();
  const cookies: Record<string, string> = {};
  let hasAdvanced = false;
  for (const { name, search } of logSearches(deps)) {
    const encodedCookie = since.cookies[name];
    if (encodedCookie === undefined) throw new SyncUnavailable(`no cookie for ${name}`);
    const cookie = Buffer.from(encodedCookie, 'base64');
    rejectTrimmed(cookie, dse);
    const { entries, removed, cookie: next } = await syncChanges(client, search, cookie, maxChanges, signal, true);
    for (const uuid of [...entries.keys(), ...removed]) ids.set(uuid, Buffer.from(uuid.replaceAll('-', ''), 'hex'));
    cookies[name] = next.toString('base64');
    hasAdvanced ||= !next.equals(cookie);
  }
  if (hasAdvanced && ids.size === 0)
    throw new SyncUnavailable("the server's log went on and does not tell which entries changed");
  return { ids, cursor: { method: 'syncLog', cookies, version: dse.dataVersion } };
}

/** A log forgets its oldest changes after some time, and whoever goes on from before them is not told so. */
function rejectTrimmed(cookie: Buffer, { firstChangeNumber }: RootDse): void {
  const known = changeNumber(cookie);
  if (known === undefined || firstChangeNumber === undefined) throw new SyncUnavailable('the cookie names no change');
  if (known + 1 < Number(firstChangeNumber))
    throw new SyncUnavailable(
      `the server's log begins with change ${firstChangeNumber} and no longer holds change ${known + 1}`,
    );
}

/** `host:port#account:base:filter#NUMBER` */
function changeNumber(cookie: Buffer): number | undefined {
  const digits = /#(\d+)$/.exec(cookie.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const parentFilter = or(compileFilter('(numSubordinates>=1)'), containerClasses);

/** Whether one of these entries holds others: what was renamed or moved with it is told nowhere. */
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

/** nsUniqueId is written as four groups of eight digits. */
export const uniqueIdFilter = (ids: readonly Buffer[]): Filter =>
  anyOf(
    'nsUniqueId',
    ids.map((id) => id.toString('hex').replace(/(.{8})(?!$)/g, '$1-')),
  );
