import type { Clock } from '../../../model/clock.ts';
import type { ChangeListener } from '../../source.ts';
import { readBookmark, type Bookmark } from './bookmark.ts';
import { ConnectionLost } from '../protocol/client.ts';
import { searchError, SearchFailed } from '../protocol/search-error.ts';
import { syncInfo, syncInfoOid, syncRequest } from '../protocol/controls.ts';
import { isUnavailable, classify, type SyncSearch } from './syncrepl.ts';
import { openDirectory, supportedChangeMethods, type Directory } from '../directory.ts';
import { dirSyncChanges, usnChanges } from './ad-changes.ts';
import { ChangesUnavailable } from './changes-unavailable.ts';
import { partSearches } from '../read/part-searches.ts';
import { runSearch } from '../protocol/run-search.ts';
import { readRootDse, type RootDse } from '../protocol/root-dse.ts';
import { containerSearches, toSyncSearch } from './sync-searches.ts';
import type { LdapSettings } from '../settings.ts';
import { logSearches } from './retro-changelog.ts';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;
/** After a connection of at least this duration, the next retry waits `firstRetryMs` again. */
const stableAfterMs = 60_000;
/** Interval for servers without RFC 4533. */
const pollMs = 500;
/** Interval where every change leads to a full read, because the account may not request changes. */
const fullPollMs = 60_000;
/** Interval of searches that check whether the server still responds. */
const heartbeatMs = 15_000;

type Since = () => Promise<string | undefined>;

interface Watch {
  readonly settings: LdapSettings;
  readonly clock: Clock;
  readonly since: Since;
  readonly listener: ChangeListener;
}

/**
 * Notifies the listener of changes until the signal is aborted. After a lost connection it reconnects and continues
 * from the bookmark of the last reading.
 */
export async function watchDirectory(
  settings: LdapSettings,
  clock: Clock,
  since: Since,
  listener: ChangeListener,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = firstRetryMs;
  while (!signal.aborted) {
    const startedAt = clock.now();
    try {
      await watchOnce({ settings, clock, since, listener }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof NotificationsUnavailable) {
        listener.disconnected(error.message, undefined);
        return;
      }
      if (clock.now() - startedAt > stableAfterMs) retryMs = firstRetryMs;
      listener.disconnected(error instanceof Error ? error.message : String(error), retryMs);
      await clock.sleep(retryMs, signal).catch(() => undefined);
      retryMs = Math.min(maxRetryMs, retryMs * 2);
      // Changes during the interruption are found by the next read.
      if (!signal.aborted) listener.changed();
    }
  }
}

/** The server or the account cannot provide notifications; retrying is useless. */
class NotificationsUnavailable extends Error {}

/** @throws IncompleteReading, ChangesUnavailable, NotificationsUnavailable */
async function watchOnce(watch: Watch, outer: AbortSignal): Promise<never> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const directory = await openDirectory(watch.settings, signal);
  try {
    const methods = supportedChangeMethods(directory);
    if (methods.length === 0)
      throw new NotificationsUnavailable(`${directory.client.url} does not support change notifications`);
    const disconnected = directory.client.closed.then(() => {
      throw new ConnectionLost(`${directory.client.url} closed the connection`);
    });
    const syncMethod = methods.find((each) => each === 'sync' || each === 'syncLog');
    const watching =
      syncMethod === undefined ? poll(watch, directory, signal) : listen(watch, directory, syncMethod, signal);
    return await Promise.race([watching, heartbeat(watch, directory, signal), disconnected]);
  } finally {
    stop.abort(new Error('the watch has ended'));
    directory.client.close();
  }
}

/** Keeps one persistent search (RFC 4533 refreshAndPersist) per part and per naming context open. */
async function listen(
  { settings, since, listener }: Watch,
  directory: Directory,
  method: 'sync' | 'syncLog',
  signal: AbortSignal,
): Promise<never> {
  const { directoryProfile, schema, dse } = directory;
  const usedAttributes = { users: new Set<string>(), groups: new Set<string>() };
  const parts = partSearches({
    settings,
    directoryProfile,
    schema,
    usedAttributes,
    activeCondition: undefined,
  });
  const searches =
    method === 'syncLog'
      ? logSearches({ dse, parts, timeoutMs: undefined })
      : [
          ...containerSearches({ dse, parts, timeoutMs: undefined }),
          ...parts.map((part) => ({
            name: part.part,
            search: { ...toSyncSearch(part, undefined), attributes: ['1.1'] },
          })),
        ];
  const bookmark = readBookmark(await since());
  const cookies: Readonly<Record<string, string>> =
    bookmark?.method === 'sync' || bookmark?.method === 'syncLog' ? bookmark.cookies : {};
  const notYetListening = new Set(searches.map(({ name }) => name));
  const listenTo = async (
    search: SyncSearch,
    cookie: string | undefined,
    searchListener: SearchListener,
  ): Promise<never> => {
    if (cookie === undefined) return refreshAndPersist(directory, search, undefined, searchListener, signal);
    return refreshAndPersist(directory, search, Buffer.from(cookie, 'base64'), searchListener, signal).catch(
      (error: unknown) => {
        if (!(error instanceof ChangesUnavailable)) throw error;
        // The next read finds the cookie unusable too, reads everything and gets a new one.
        return refreshAndPersist(directory, search, undefined, searchListener, signal);
      },
    );
  };
  return Promise.race(
    searches.map(({ name, search }) => {
      const searchListener: SearchListener = {
        changed: listener.changed,
        refreshed() {
          if (notYetListening.delete(name) && notYetListening.size === 0) listener.listening();
        },
      };
      const listening = listenTo(search, cookies[name], searchListener);
      return search.isAuxiliary === true ? listenAuxiliary(listening, searchListener) : listening;
    }),
  );
}

/**
 * The server may refuse an auxiliary search to an account that can read only its bases; the watch goes on without it.
 */
async function listenAuxiliary(listening: Promise<never>, searchListener: SearchListener): Promise<never> {
  return listening.catch(async (error: unknown) => {
    if (!(
      error instanceof SearchFailed ||
      error instanceof ChangesUnavailable ||
      error instanceof NotificationsUnavailable
    ))
      throw error;
    searchListener.refreshed();
    return Promise.race<never>([]);
  });
}

interface SearchListener {
  readonly changed: () => void;
  /** The refresh stage has ended; every further message is a change. */
  readonly refreshed: () => void;
}

/**
 * @throws ChangesUnavailable where the server does not accept the cookie; NotificationsUnavailable where it refuses the
 * control; SearchFailed; ConnectionLost
 */
async function refreshAndPersist(
  { client }: Directory,
  search: SyncSearch,
  cookie: Buffer | undefined,
  searchListener: SearchListener,
  signal: AbortSignal,
): Promise<never> {
  // Without a cookie the refresh sends the whole content. Changes since the last read are among it, so its end counts
  // as one change.
  let isRefreshDone = cookie !== undefined;
  const request = { ...search, scope: 'sub', controls: [syncRequest('refreshAndPersist', cookie)] } as const;
  const done = await runSearch(client, request, signal, (items) => {
    let isChange = false;
    for (const item of items) {
      const message = classify(item);
      if (isRefreshDone && (message.kind === 'present' || message.entry !== undefined || message.removed.length > 0))
        isChange = true;
      if (!isRefreshEnd(item)) continue;
      isChange ||= !isRefreshDone;
      isRefreshDone = true;
      searchListener.refreshed();
    }
    if (isChange) searchListener.changed();
  });
  if (done.code === 0 || cookie !== undefined)
    throw new ChangesUnavailable(`the server ended the search with result code ${done.code}`);
  if (isUnavailable(done.code))
    throw new NotificationsUnavailable(
      `${client.url} refuses change notifications to the bind account (result code ${done.code})`,
    );
  throw searchError(client.url, search, done);
}

function isRefreshEnd(item: Parameters<typeof classify>[0]): boolean {
  if (item.kind !== 'intermediate' || item.name !== syncInfoOid || item.value === undefined) return false;
  const info = syncInfo(item.value);
  return (info.kind === 'refreshDelete' || info.kind === 'refreshPresent') && info.refreshDone;
}

/** Polls highestCommittedUSN, and requests the changes when it has increased. */
async function poll(
  { settings, clock, since, listener }: Watch,
  directory: Directory,
  signal: AbortSignal,
): Promise<never> {
  const { client } = directory;
  const { timeoutMs } = settings.connection;
  let bookmark: Bookmark | undefined;
  let usn: string | undefined;
  let isListening = false;
  for (;;) {
    const dse = await readRootDse(client, timeoutMs, signal);
    bookmark ??= usableBookmark(readBookmark(await since()), dse);
    if (dse.highestCommittedUsn !== usn) {
      usn = dse.highestCommittedUsn;
      const changes =
        bookmark === undefined
          ? undefined
          : await changesAfter(bookmark, { client, dse, timeoutMs }, settings.pageSize, signal);
      bookmark = changes?.bookmark;
      if (changes?.hasChanges !== false) listener.changed();
    }
    if (!isListening) listener.listening();
    isListening = true;
    await clock.sleep(bookmark === undefined ? fullPollMs : pollMs, signal);
  }
}

/** A change number is valid only at its own domain controller. */
function usableBookmark(bookmark: Bookmark | undefined, { dsServiceName }: RootDse): Bookmark | undefined {
  return bookmark?.method === 'usn' && bookmark.controller !== dsServiceName ? undefined : bookmark;
}

type SearchDeps = Parameters<typeof dirSyncChanges>[0];

async function changesAfter(
  bookmark: Bookmark,
  deps: SearchDeps,
  pageSize: number,
  signal: AbortSignal,
): Promise<{ readonly hasChanges: boolean; readonly bookmark: Bookmark } | undefined> {
  if (bookmark.method === 'dirSync') {
    const { ids, cursor: next } = await dirSyncChanges(deps, Buffer.from(bookmark.cookie, 'base64'), ['*'], signal);
    return { hasChanges: ids.size > 0, bookmark: { method: 'dirSync', cookie: next.toString('base64') } };
  }
  if (bookmark.method !== 'usn') return undefined;
  const { ids, cursor: next } = await usnChanges(deps, BigInt(bookmark.usn), pageSize, signal);
  return { hasChanges: ids.size > 0, bookmark: { ...bookmark, usn: next.toString() } };
}

/** Detects a server that became unreachable without closing the connection. */
async function heartbeat({ settings, clock }: Watch, { client }: Directory, signal: AbortSignal): Promise<never> {
  for (;;) {
    await clock.sleep(heartbeatMs, signal);
    await readRootDse(client, settings.connection.timeoutMs, signal);
  }
}
