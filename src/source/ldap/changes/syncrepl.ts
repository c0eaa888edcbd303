import type { LdapClient, SearchItem } from '../protocol/client.ts';
import { searchError } from '../protocol/error-text.ts';
import { syncDone, syncInfo, syncInfoOid, syncRequest, syncState } from '../protocol/controls.ts';
import { matchNone, type Filter } from '../protocol/filter.ts';
import { rejectReferrals } from '../protocol/paged.ts';
import { runSearch } from '../protocol/search-result.ts';

/** One search whose result a server keeps a client informed about (RFC 4533). */
export interface SyncSearch {
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly timeoutMs: number | undefined;
  /**
   * It finds nobody who is synchronised. What other servers hold of it does not matter then, and where it is not allowed, everything can be
   * read in another way that does without.
   */
  readonly isAuxiliary?: boolean;
}

/** Result codes of a server that has no content synchronisation for this search: unavailableCriticalExtension, insufficientAccessRights, unwillingToPerform. */
const unavailableCodes: ReadonlySet<number> = new Set([12, 50, 53]);

export const isUnavailable = (code: number): boolean => unavailableCodes.has(code);

/** timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded: limits that may not hold for pages. */
const limitCodes: ReadonlySet<number> = new Set([3, 4, 11]);
/** RFC 4533 2.2.4: the cookie is too old. */
const staleCookieCodes: ReadonlySet<number> = new Set([4096]);

/** Whether a search that ended so is to be done in another way. What stands aside is not worth a complaint. */
function isFallbackNeeded({ isAuxiliary }: SyncSearch, code: number, otherCodes: ReadonlySet<number>): boolean {
  return code !== 0 && (isAuxiliary === true || unavailableCodes.has(code) || otherCodes.has(code));
}

/** The server does not synchronise this search, or not from this cookie. Everything must be read in another way. */
export class SyncUnavailable extends Error {
  override readonly name = 'SyncUnavailable';
}

/**
 * From where to go on, of a server that says so only at the end of the whole content.
 *
 * @throws SyncUnavailable, IncompleteReading
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
    throw new SyncUnavailable(`content synchronisation was refused to this account (result code ${done.code})`);
  if (done.code !== 0) throw searchError(client.url, search, done);
  return syncDone(done.controls)?.cookie;
}

/**
 * From where changes of a search can be asked for. OpenLDAP's cookies hold for any search, so that this one need not give anything.
 *
 * The content itself is no whole reading: slapd leaves out of it whatever is newer than its contextCSN, as after a backup was loaded that was made
 * while the server ran, and who is left out looks like a leaver.
 *
 * @throws SyncUnavailable
 */
export async function currentCookie(client: LdapClient, search: SyncSearch, signal: AbortSignal): Promise<Buffer> {
  const request = {
    ...search,
    filter: matchNone,
    scope: 'sub',
    controls: [syncRequest('refreshOnly', undefined)],
  } as const;
  const { code, controls } = await runSearch(client, request, signal, () => undefined);
  // Whatever is wrong with the search itself is complained about when it is made in earnest.
  if (code !== 0)
    throw new SyncUnavailable(`content synchronisation was refused to this account (result code ${code})`);
  const cookie = syncDone(controls)?.cookie;
  if (cookie === undefined || cookie.length === 0) throw new SyncUnavailable('the server gave no cookie');
  return cookie;
}

export interface SyncChanges {
  /** By UUID, as hexadecimal digits and dashes. */
  readonly entries: ReadonlyMap<string, Buffer>;
  readonly removed: ReadonlySet<string>;
  readonly cookie: Buffer;
}

/**
 * What changed since a cookie. With `isLogBased` the server is known to tell changes alone, whatever it says of that at the end.
 *
 * A server whose log does not reach back that far names everything that is still there instead (the present phase of RFC 4533 3.3.2).
 * That is no list of changes, and reading everything anew costs hardly more.
 *
 * @throws SyncUnavailable where the cookie was refused, or there are more changes than `maxChanges`
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
    if (message.kind === 'present') throw new SyncUnavailable('the server told what is present, not what changed');
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
    if (entries.size + removed.size > maxChanges) throw new SyncUnavailable(`more than ${maxChanges} changes`);
  });
  if (isFallbackNeeded(search, code, staleCookieCodes))
    throw new SyncUnavailable(`content synchronisation was refused from that cookie (result code ${code})`);
  if (code !== 0) throw searchError(client.url, search, { code, ...done });
  const end = syncDone(done.controls);
  const changes = { entries, removed, cookie: end?.cookie ?? latest };
  const isUnchanged = entries.size + removed.size === 0 && (end?.cookie ?? cookie).equals(cookie);
  if (!isUnchanged) requireChanges(changes, cookie, isLogBased || end?.refreshDeletes === true);
  return changes;
}

/** @throws SyncUnavailable where what was told is something else than what changed since the cookie */
function requireChanges({ cookie: next }: SyncChanges, cookie: Buffer, areChanges: boolean): void {
  if (!areChanges) throw new SyncUnavailable('the server told what is present, not what changed');
  // slapd takes no notice of a cookie that it cannot read: it gives everything, says nothing of who is gone, and has none to go on from, or an empty one.
  if (next === cookie || next.length === 0) throw new SyncUnavailable('the server did not go by its cookie');
}

/** One message of a synchronised search, in the terms of its client. */
export type SyncMessage =
  | { readonly kind: 'present' }
  | {
      readonly kind: 'change';
      readonly entry: { readonly uuid: string; readonly bytes: Buffer } | undefined;
      readonly removed: readonly string[];
      readonly cookie: Buffer | undefined;
    };

/** What a message says. */
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
