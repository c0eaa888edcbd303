import type { LdapClient, SearchItem } from '../protocol/client.ts';
import { ChangesUnavailable, ServerBehind } from './changes-unavailable.ts';
import { searchError } from '../protocol/search-error.ts';
import { syncDone, syncInfo, syncInfoOid, syncRequest, syncState } from '../protocol/controls.ts';
import { matchNone, type Filter } from '../protocol/filter.ts';
import { rejectReferrals } from '../protocol/paged.ts';
import { runSearch } from '../protocol/run-search.ts';

/** A search whose changes a server can report (LDAP content synchronization, RFC 4533). */
export interface SyncSearch {
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly timeoutMs: number | undefined;
  /**
   * The search finds no users and groups. Referrals in its result do not matter, and where the server refuses it, a
   * read without it is possible.
   */
  readonly isAuxiliary?: boolean;
}

/**
 * Result codes of a server that does not offer RFC 4533 for a search: unavailableCriticalExtension,
 * insufficientAccessRights, unwillingToPerform.
 */
const unavailableCodes: ReadonlySet<number> = new Set([12, 50, 53]);

const unwillingToPerform = 53;

/** Whether the result code means that the server does not offer the synchronisation. */
export const isUnavailable = (code: number): boolean => unavailableCodes.has(code);

/** timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded: a paged search may stay within these limits. */
const limitCodes: ReadonlySet<number> = new Set([3, 4, 11]);
/** e-syncRefreshRequired (RFC 4533 2.6): the cookie is too old. */
const staleCookieCodes: ReadonlySet<number> = new Set([4096]);

/** Whether this result calls for a full read instead of an error. */
function isFallbackNeeded({ isAuxiliary }: SyncSearch, code: number, otherCodes: ReadonlySet<number>): boolean {
  return code !== 0 && (isAuxiliary === true || unavailableCodes.has(code) || otherCodes.has(code));
}

/**
 * The current cookie of a server that sends it only after the whole content.
 *
 * @throws ChangesUnavailable, IncompleteReading
 */
export async function cookieAfterContent(
  client: LdapClient,
  search: SyncSearch,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const request = { ...search, scope: 'sub', controls: [syncRequest('refreshOnly', undefined)] } as const;
  const done = await runSearch(client, request, signal, (items) => {
    rejectReferrals(client.url, search, items);
  });
  if (isFallbackNeeded(search, done.code, limitCodes))
    throw new ChangesUnavailable(`the server refuses content synchronization (result code ${done.code})`);
  if (done.code !== 0) throw searchError(client.url, search, done);
  return syncDone(done.controls)?.cookie;
}

/**
 * The current cookie of a search. Cookies of OpenLDAP are valid for any filter, so this search matches no entry.
 *
 * The content of a refresh cannot serve as a full read: slapd omits entries newer than its contextCSN, as they exist
 * after a restore from a backup made while the server ran. An omitted user would look like a leaver.
 *
 * @throws ChangesUnavailable
 */
export async function currentCookie(client: LdapClient, search: SyncSearch, signal: AbortSignal): Promise<Buffer> {
  const request = {
    ...search,
    filter: matchNone,
    scope: 'sub',
    controls: [syncRequest('refreshOnly', undefined)],
  } as const;
  const { code, controls } = await runSearch(client, request, signal, () => undefined);
  // Any other error of the search is reported when the part itself is read.
  if (code !== 0) throw new ChangesUnavailable(`the server refuses content synchronization (result code ${code})`);
  const cookie = syncDone(controls)?.cookie;
  if (cookie === undefined || cookie.length === 0) throw new ChangesUnavailable('the server sent no cookie');
  return cookie;
}

/** The changes of a refresh stage (RFC 4533 section 3.3). */
export interface SyncChanges {
  /** By entryUUID (8-4-4-4-12, lower case). */
  readonly entries: ReadonlyMap<string, Buffer>;
  readonly removed: ReadonlySet<string>;
  readonly cookie: Buffer;
}

/**
 * The changes since a cookie.
 *
 * A server whose history does not reach back to the cookie sends the entries that are still present instead (the
 * present phase of RFC 4533 3.3.2). That is not a list of changes, and a full read costs hardly more.
 *
 * @param isLogBased the server always sends changes, although it reports a present phase at the end
 * @throws ChangesUnavailable where the server refuses the cookie, or there are more changes than `maxChanges`
 */
export async function syncChanges(
  client: LdapClient,
  search: SyncSearch,
  cookie: Buffer,
  maxChanges: number,
  signal: AbortSignal,
  isLogBased = false,
): Promise<SyncChanges> {
  const entries = new Map<string, Buffer>();
  const removed = new Set<string>();
  let latest = cookie;
  const record = (item: SearchItem): void => {
    const message = classify(item);
    if (message.kind === 'present') throw new ChangesUnavailable(presentPhase);
    if (message.cookie !== undefined) latest = message.cookie;
    for (const uuid of message.removed) {
      entries.delete(uuid);
      removed.add(uuid);
    }
    if (message.entry === undefined) return;
    removed.delete(message.entry.uuid);
    entries.set(message.entry.uuid, message.entry.bytes);
  };
  const request = { ...search, scope: 'sub', controls: [syncRequest('refreshOnly', cookie)] } as const;
  const { code, ...done } = await runSearch(client, request, signal, (items) => {
    if (search.isAuxiliary !== true) rejectReferrals(client.url, search, items);
    items.forEach(record);
    if (entries.size + removed.size > maxChanges) throw new ChangesUnavailable(`more than ${maxChanges} changes`);
  });
  // slapd: "consumer state is newer than provider!", where the account may not read contextCSN.
  if (code === unwillingToPerform && /newer than provider/i.test(done.message))
    throw new ServerBehind(`the server refuses its cookie (result code ${code})`);
  if (isFallbackNeeded(search, code, staleCookieCodes))
    throw new ChangesUnavailable(`the server refuses its cookie (result code ${code})`);
  if (code !== 0) throw searchError(client.url, search, { code, ...done });
  const end = syncDone(done.controls);
  const changes = { entries, removed, cookie: end?.cookie ?? latest };
  const isUnchanged = entries.size + removed.size === 0 && (end?.cookie ?? cookie).equals(cookie);
  if (!isUnchanged) requireChanges(changes, cookie, isLogBased || end?.refreshDeletes === true);
  return changes;
}

const presentPhase = 'the server sent the entries that are present, not the changes';

/** @throws ChangesUnavailable where the response is not the list of changes since the cookie */
function requireChanges({ cookie: next }: SyncChanges, cookie: Buffer, areChanges: boolean): void {
  if (!areChanges) throw new ChangesUnavailable(presentPhase);
  // slapd ignores a cookie that it cannot parse: it sends all entries and no deletions, with an empty cookie or none.
  if (next === cookie || next.length === 0) throw new ChangesUnavailable('the server ignored its cookie');
}

/** What one message of a content synchronization means for the client. */
export type SyncMessage =
  | { readonly kind: 'present' }
  | {
      readonly kind: 'change';
      readonly entry: { readonly uuid: string; readonly bytes: Buffer } | undefined;
      readonly removed: readonly string[];
      readonly cookie: Buffer | undefined;
    };

/** What a message of a content synchronisation (RFC 4533) means for a reading. */
export function classify(item: SearchItem): SyncMessage {
  if (item.kind === 'reference') return noChange;
  if (item.kind === 'intermediate')
    return item.name === syncInfoOid && item.value !== undefined ? classifyInfo(item.value) : noChange;
  const state = syncState(item.controls);
  if (state === undefined || state.state === 'present') return { kind: 'present' };
  const { uuid, cookie } = state;
  if (state.state === 'delete') return { kind: 'change', entry: undefined, removed: [uuid], cookie };
  return { kind: 'change', entry: { uuid, bytes: item.bytes }, removed: [], cookie };
}

const noChange: SyncMessage = { kind: 'change', entry: undefined, removed: [], cookie: undefined };

function classifyInfo(value: Buffer): SyncMessage {
  const info = syncInfo(value);
  switch (info.kind) {
    case 'newCookie':
    case 'refreshDelete':
      return { kind: 'change', entry: undefined, removed: [], cookie: info.cookie };
    case 'refreshPresent':
      return { kind: 'present' };
    case 'idSet':
      return info.refreshDeletes
        ? { kind: 'change', entry: undefined, removed: info.uuids, cookie: info.cookie }
        : { kind: 'present' };
  }
}
