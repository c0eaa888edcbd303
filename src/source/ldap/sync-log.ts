import type { LdapClient } from './client.ts';
import { complain } from './complaint.ts';
import { cookieAfterContent, SyncRefused, syncChanges, type SyncSearch } from './content-sync.ts';
import { and, anyOf, anything, compileFilter, or, type Filter } from './filter.ts';
import type { Bookmark } from './bookmark.ts';
import { ChangesRefused, mostChanges, type ObjectChanges } from './object-changes.ts';
import type { DirectoryPart } from './parts.ts';
import { findsAny } from './result.ts';
import type { RootDse } from './root-dse.ts';
import { containers, rootOf } from './searches.ts';

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

type LogBookmark = Extract<Bookmark, { way: 'syncLog' }>;

interface Asked {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly parts: readonly DirectoryPart[];
  readonly timeoutMs: number;
}

/** One search for each naming context. */
export function logSearches({
  dse,
  parts,
  timeoutMs,
}: Pick<Asked, 'dse' | 'parts'> & { readonly timeoutMs: number | undefined }): readonly {
  readonly name: string;
  readonly search: SyncSearch;
}[] {
  const roots = new Set(parts.map(({ base }) => rootOf(base, dse)));
  return [...roots].map((base) => ({ name: base, search: { base, filter: anything, attributes: ['1.1'], timeoutMs } }));
}

/**
 * Where things stand now. A cookie is only given at the end of everything, so that all names are listed for it.
 *
 * @throws ChangesRefused where the server does not synchronise for this account
 */
export async function logMark(asked: Asked, signal: AbortSignal): Promise<LogBookmark> {
  const cookies: Record<string, string> = {};
  try {
    for (const { name, search } of logSearches(asked)) {
      const cookie = await cookieAfterContent(asked.client, search, signal);
      if (cookie === undefined || changeNumber(cookie) === undefined)
        throw new ChangesRefused('the server gave no cookie that names a change');
      cookies[name] = cookie.toString('base64');
    }
  } catch (error) {
    if (error instanceof SyncRefused) throw new ChangesRefused(error.message, { cause: error });
    throw error;
  }
  return { way: 'syncLog', cookies, version: asked.dse.dataVersion };
}

/** Which entries changed since, by the 16 bytes of their nsUniqueId. @throws SyncRefused, IncompleteReading */
export async function logChanges(
  asked: Asked,
  since: LogBookmark,
  signal: AbortSignal,
): Promise<ObjectChanges<LogBookmark>> {
  const { client, dse } = asked;
  if (since.version !== dse.dataVersion)
    throw new SyncRefused('the server was started or loaded anew, and its log need not tell of it');
  const ids = new Map<string, Buffer>();
  const cookies: Record<string, string> = {};
  let hasGoneOn = false;
  for (const { name, search } of logSearches(asked)) {
    const written = since.cookies[name];
    if (written === undefined) throw new SyncRefused(`no cookie for ${name}`);
    const cookie = Buffer.from(written, 'base64');
    refuseTrimmed(cookie, dse);
    const { entries, removed, cookie: next } = await syncChanges(client, search, cookie, mostChanges, signal, true);
    for (const uuid of [...entries.keys(), ...removed]) ids.set(uuid, Buffer.from(uuid.replaceAll('-', ''), 'hex'));
    cookies[name] = next.toString('base64');
    hasGoneOn ||= !next.equals(cookie);
  }
  if (hasGoneOn && ids.size === 0)
    throw new SyncRefused("the server's log went on and does not tell which entries changed");
  return { ids, mark: { way: 'syncLog', cookies, version: dse.dataVersion } };
}

/** A log forgets its oldest changes after some time, and whoever goes on from before them is not told so. */
function refuseTrimmed(cookie: Buffer, { firstChangeNumber }: RootDse): void {
  const known = changeNumber(cookie);
  if (known === undefined || firstChangeNumber === undefined) throw new SyncRefused('the cookie names no change');
  if (known + 1 < Number(firstChangeNumber))
    throw new SyncRefused(
      `the server's log begins with change ${firstChangeNumber} and no longer holds change ${known + 1}`,
    );
}

/** `host:port#account:base:filter#NUMBER` */
function changeNumber(cookie: Buffer): number | undefined {
  const digits = /#(\d+)$/.exec(cookie.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const holders = or(compileFilter('(numSubordinates>=1)'), containers);

/** Whether one of these entries holds others: what was renamed or moved with it is told nowhere. */
export async function holdsOthers(
  { client, dse, parts, timeoutMs }: Asked,
  ids: readonly Buffer[],
  signal: AbortSignal,
): Promise<boolean> {
  const filter = and(holders, anyUniqueId(ids));
  let holdsAny = false;
  for (const base of new Set(parts.map((part) => rootOf(part.base, dse)))) {
    const search = { base, scope: 'sub', filter, attributes: ['1.1'], timeoutMs } as const;
    const { isThere, done } = await findsAny(client, search, signal);
    if (done.code !== 0) throw complain(client.url, search, done);
    holdsAny ||= isThere;
  }
  return holdsAny;
}

/** nsUniqueId is written as four groups of eight digits. */
export const anyUniqueId = (ids: readonly Buffer[]): Filter =>
  anyOf(
    'nsUniqueId',
    ids.map((id) => id.toString('hex').replace(/(.{8})(?!$)/g, '$1-')),
  );
