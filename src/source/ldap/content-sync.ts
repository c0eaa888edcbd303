import type { LdapClient, SearchItem } from './client.ts';
import { complain } from './complaint.ts';
import { syncDone, syncInfo, syncInfoOid, syncRequest, syncState } from './controls.ts';
import { nobody, type Filter } from './filter.ts';
import { refuseReferences } from './paged.ts';
import { resultOf } from './result.ts';

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
  readonly isAside?: boolean;
}

/** Result codes of a server that has no content synchronisation for this search: unavailableCriticalExtension, insufficientAccessRights, unwillingToPerform. */
const refusals: ReadonlySet<number> = new Set([12, 50, 53]);

export const isRefused = (code: number): boolean => refusals.has(code);

/** timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded: limits that may not hold for pages. */
const limits: ReadonlySet<number> = new Set([3, 4, 11]);
/** RFC 4533 2.2.4: the cookie is too old. */
const staleCookie: ReadonlySet<number> = new Set([4096]);

/** Whether a search that ended so is to be done in another way. What stands aside is not worth a complaint. */
function isRefusal({ isAside }: SyncSearch, code: number, besides: ReadonlySet<number>): boolean {
  return code !== 0 && (isAside === true || refusals.has(code) || besides.has(code));
}

/** The server does not synchronise this search, or not from this cookie. Everything must be read in another way. */
export class SyncRefused extends Error {
  override readonly name = 'SyncRefused';
}

/**
 * From where to go on, of a server that says so only at the end of the whole content.
 *
 * @throws SyncRefused, IncompleteReading
 */
export async function cookieAfterContent(
  client: LdapClient,
  search: SyncSearch,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const asked = { ...search, scope: 'sub', controls: [syncRequest('refreshOnly', undefined)] } as const;
  const done = await resultOf(client, asked, signal, (items) => {
    refuseReferences(client.url, search, items);
  });
  if (isRefusal(search, done.code, limits))
    throw new SyncRefused(`content synchronisation was refused to this account (result code ${done.code})`);
  if (done.code !== 0) throw complain(client.url, search, done);
  return syncDone(done.controls)?.cookie;
}

/**
 * From where changes of a search can be asked for. OpenLDAP's cookies hold for any search, so that this one need not give anything.
 *
 * The content itself is no whole reading: slapd leaves out of it whatever is newer than its contextCSN, as after a backup was loaded that was made
 * while the server ran, and who is left out looks like a leaver.
 *
 * @throws SyncRefused
 */
export async function syncPlace(client: LdapClient, search: SyncSearch, signal: AbortSignal): Promise<Buffer> {
  const asked = { ...search, filter: nobody, scope: 'sub', controls: [syncRequest('refreshOnly', undefined)] } as const;
  const { code, controls } = await resultOf(client, asked, signal, () => undefined);
  // Whatever is wrong with the search itself is complained about when it is made in earnest.
  if (code !== 0) throw new SyncRefused(`content synchronisation was refused to this account (result code ${code})`);
  const cookie = syncDone(controls)?.cookie;
  if (cookie === undefined || cookie.length === 0) throw new SyncRefused('the server gave no cookie');
  return cookie;
}

export interface SyncChanges {
  /** By UUID, as hexadecimal digits and dashes. */
  readonly entries: ReadonlyMap<string, Buffer>;
  readonly removed: ReadonlySet<string>;
  readonly cookie: Buffer;
}

/**
 * What changed since a cookie. With `goesByLog` the server is known to tell changes alone, whatever it says of that at the end.
 *
 * A server whose log does not reach back that far names everything that is still there instead (the present phase of RFC 4533 3.3.2).
 * That is no list of changes, and reading everything anew costs hardly more.
 *
 * @throws SyncRefused where the cookie was refused, or there are more changes than `most`
 */
export async function syncChanges(
  client: LdapClient,
  search: SyncSearch,
  cookie: Buffer,
  most: number,
  signal: AbortSignal,
  goesByLog = false,
): Promise<SyncChanges> {
  const entries = new Map<string, Buffer>();
  const removed = new Set<string>();
  let latest = cookie;
  const note = (item: SearchItem): void => {
    const told = tell(item);
    if (told.kind === 'present') throw new SyncRefused('the server told what is present, not what changed');
    if (told.cookie !== undefined) latest = told.cookie;
    for (const uuid of told.removed) {
      entries.delete(uuid);
      removed.add(uuid);
    }
    if (told.entry === undefined) return;
    removed.delete(told.entry.uuid);
    entries.set(told.entry.uuid, told.entry.bytes);
  };
  const asked = { ...search, scope: 'sub', controls: [syncRequest('refreshOnly', cookie)] } as const;
  const { code, ...done } = await resultOf(client, asked, signal, (items) => {
    if (search.isAside !== true) refuseReferences(client.url, search, items);
    items.forEach(note);
    if (entries.size + removed.size > most) throw new SyncRefused(`more than ${most} changes`);
  });
  if (isRefusal(search, code, staleCookie))
    throw new SyncRefused(`content synchronisation was refused from that cookie (result code ${code})`);
  if (code !== 0) throw complain(client.url, search, { code, ...done });
  const end = syncDone(done.controls);
  const changes = { entries, removed, cookie: end?.cookie ?? latest };
  const isSilent = entries.size + removed.size === 0 && (end?.cookie ?? cookie).equals(cookie);
  if (!isSilent) requireChanges(changes, cookie, goesByLog || end?.refreshDeletes === true);
  return changes;
}

/** @throws SyncRefused where what was told is something else than what changed since the cookie */
function requireChanges({ cookie: next }: SyncChanges, cookie: Buffer, areChanges: boolean): void {
  if (!areChanges) throw new SyncRefused('the server told what is present, not what changed');
  // slapd takes no notice of a cookie that it cannot read: it gives everything, says nothing of who is gone, and has none to go on from, or an empty one.
  if (next === cookie || next.length === 0) throw new SyncRefused('the server did not go by its cookie');
}

/** One message of a synchronised search, in the terms of its client. */
export type Told =
  | { readonly kind: 'present' }
  | {
      readonly kind: 'change';
      readonly entry: { readonly uuid: string; readonly bytes: Buffer } | undefined;
      readonly removed: readonly string[];
      readonly cookie: Buffer | undefined;
    };

/** What a message says. */
export function tell(item: SearchItem): Told {
  if (item.kind === 'reference') return nothing;
  if (item.kind === 'intermediate')
    return item.name === syncInfoOid && item.value !== undefined ? tellInfo(item.value) : nothing;
  const state = syncState(item.controls);
  if (state === undefined || state.state === 'present') return { kind: 'present' };
  const { uuid, cookie } = state;
  if (state.state === 'delete') return { kind: 'change', entry: undefined, removed: [uuid], cookie };
  return { kind: 'change', entry: { uuid, bytes: item.bytes }, removed: [], cookie };
}

const nothing: Told = { kind: 'change', entry: undefined, removed: [], cookie: undefined };

function tellInfo(value: Buffer): Told {
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
