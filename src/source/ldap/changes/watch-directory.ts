import { instant } from '../../../model/ids.ts';
import type { Clock } from '../../../model/clock.ts';
import type { ChangeListener } from '../../source.ts';
import { readBookmark, type Bookmark } from './bookmark.ts';
import { ConnectionLost } from '../protocol/client.ts';
import { searchError, SearchFailed } from '../protocol/error-text.ts';
import { syncInfo, syncInfoOid, syncRequest } from '../protocol/controls.ts';
import { isUnavailable, SyncUnavailable, classify, type SyncSearch } from './syncrepl.ts';
import { openDirectory, supportedChangeMethods, type Directory } from '../directory.ts';
import { dirSyncChanges, usnChanges } from './ad-changes.ts';
import { partSearches } from '../read/part-searches.ts';
import { runSearch } from '../protocol/search-result.ts';
import { readRootDse, type RootDse } from '../protocol/root-dse.ts';
import { containerSearches, toSyncSearch } from './sync-searches.ts';
import type { LdapSettings } from '../settings.ts';
import { logSearches } from './retro-changelog.ts';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;
/** A connection that lasted so long begins anew with the shortest wait. */
const stableAfterMs = 60_000;
/** How often a server that tells nothing by itself is asked. */
const pollMs = 500;
/** Without the right to ask for changes only everything can be read: how often that is worth it on a directory that changes all the time. */
const fullPollMs = 60_000;
/** How often a server that is told nothing is asked whether it is still there. */
const heartbeatMs = 15_000;

type Since = () => Promise<string | undefined>;

interface Watch {
  readonly settings: LdapSettings;
  readonly clock: Clock;
  readonly since: Since;
  readonly listener: ChangeListener;
}

/** Tells of changes until the signal is aborted. Lost connections are taken up again, from the bookmark of the last reading. */
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
      if (error instanceof ChangesNotAvailable) {
        listener.disconnected(error.message, undefined);
        return;
      }
      if (clock.now() - startedAt > stableAfterMs) retryMs = firstRetryMs;
      listener.disconnected(error instanceof Error ? error.message : String(error), retryMs);
      await clock.sleep(retryMs, signal).catch(() => undefined);
      retryMs = Math.min(maxRetryMs, retryMs * 2);
      // What happened meanwhile is in the next reading.
      if (!signal.aborted) listener.changed();
    }
  }
}

/** There is nothing to listen to, and will not be. */
class ChangesNotAvailable extends Error {}

/** @throws IncompleteReading, SyncUnavailable, ChangesNotAvailable */
async function watchOnce(watch: Watch, outer: AbortSignal): Promise<never> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const directory = await openDirectory(watch.settings, signal);
  try {
    const methods = supportedChangeMethods(directory);
    if (methods.length === 0)
      throw new ChangesNotAvailable(`${directory.client.url} cannot tell that something changed`);
    const disconnected = directory.client.closed.then(() => {
      throw new ConnectionLost(`${directory.client.url} closed the connection`);
    });
    const syncMethod = methods.find((each) => each === 'sync' || each === 'syncLog');
    const watching =
      syncMethod === undefined ? poll(watch, directory, signal) : listen(watch, directory, syncMethod, signal);
    return await Promise.race([watching, heartbeat(watch, directory, signal), disconnected]);
  } finally {
    stop.abort(new Error('the watch is over'));
    directory.client.close();
  }
}

/** Searches that never end (RFC 4533 refreshAndPersist), one for each part. */
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
    now: instant(0),
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
        if (!(error instanceof SyncUnavailable)) throw error;
        // The next reading finds that out as well, reads everything, and gets another cookie.
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

/** What stands aside may be refused to an account that sees nothing but its bases: then nobody listens there. */
async function listenAuxiliary(listening: Promise<never>, searchListener: SearchListener): Promise<never> {
  return listening.catch(async (error: unknown) => {
    if (!(error instanceof SearchFailed || error instanceof SyncUnavailable || error instanceof ChangesNotAvailable))
      throw error;
    searchListener.refreshed();
    return Promise.race<never>([]);
  });
}

interface SearchListener {
  readonly changed: () => void;
  /** What was there before has been told; from now on there is only news. */
  readonly refreshed: () => void;
}

/** @throws SyncUnavailable where the server does not accept the cookie; ChangesNotAvailable where it does not do this at all; SearchFailed, ConnectionLost */
async function refreshAndPersist(
  { client }: Directory,
  search: SyncSearch,
  cookie: Buffer | undefined,
  searchListener: SearchListener,
  signal: AbortSignal,
): Promise<never> {
  // Without a cookie the server first tells all that is there, which is no news; but what happened since the last reading is among it.
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
    throw new SyncUnavailable(`the server ended the search with result code ${done.code}`);
  if (isUnavailable(done.code))
    throw new ChangesNotAvailable(`${client.url} does not let this account hear of changes (result code ${done.code})`);
  throw searchError(client.url, search, done);
}

function isRefreshEnd(item: Parameters<typeof classify>[0]): boolean {
  if (item.kind !== 'intermediate' || item.name !== syncInfoOid || item.value === undefined) return false;
  const info = syncInfo(item.value);
  return (info.kind === 'refreshDelete' || info.kind === 'refreshPresent') && info.refreshDone;
}

/** A server that tells nothing by itself is asked for its highest change number, and for changes when that moved. */
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

/** A change number counts at its own domain controller only. */
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

/** A server that vanished without a word is noticed by its silence. */
async function heartbeat({ settings, clock }: Watch, { client }: Directory, signal: AbortSignal): Promise<never> {
  for (;;) {
    await clock.sleep(heartbeatMs, signal);
    await readRootDse(client, settings.connection.timeoutMs, signal);
  }
}
