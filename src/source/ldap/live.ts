import { instant } from '../../model/ids.ts';
import type { Clock } from '../../model/world.ts';
import type { Hear } from '../source.ts';
import { readBookmark, type Bookmark } from './bookmark.ts';
import { ConnectionLost } from './client.ts';
import { complain, SearchFailed } from './complaint.ts';
import { syncInfo, syncInfoOid, syncRequest } from './controls.ts';
import { isRefused, SyncRefused, tell, type SyncSearch } from './content-sync.ts';
import { openDirectory, waysOffered, type Directory } from './directory.ts';
import { dirSyncChanges, usnChanges } from './object-changes.ts';
import { partsOf } from './parts.ts';
import { resultOf } from './result.ts';
import { readRootDse, type RootDse } from './root-dse.ts';
import { containersOf, syncSearchOf } from './searches.ts';
import type { LdapSettings } from './settings.ts';
import { logSearches } from './sync-log.ts';

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
/** A connection that lasted so long begins anew with the shortest wait. */
const soundAfterMs = 60_000;
/** How often a server that tells nothing by itself is asked. */
const pollMs = 500;
/** Without the right to ask for changes only everything can be read: how often that is worth it on a directory that changes all the time. */
const blindPollMs = 60_000;
/** How often a server that is told nothing is asked whether it is still there. */
const heartbeatMs = 15_000;

type Since = () => Promise<string | undefined>;

interface Watch {
  readonly settings: LdapSettings;
  readonly clock: Clock;
  readonly since: Since;
  readonly hear: Hear;
}

/** Tells of changes until the signal is aborted. Lost connections are taken up again, from the bookmark of the last reading. */
export async function watchDirectory(
  settings: LdapSettings,
  clock: Clock,
  since: Since,
  hear: Hear,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = firstRetryMs;
  while (!signal.aborted) {
    const begun = clock.now();
    try {
      await watchOnce({ settings, clock, since, hear }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ChangesUntold) {
        hear.lost(error.message, undefined);
        return;
      }
      if (clock.now() - begun > soundAfterMs) retryMs = firstRetryMs;
      hear.lost(error instanceof Error ? error.message : String(error), retryMs);
      await clock.sleep(retryMs, signal).catch(() => undefined);
      retryMs = Math.min(longestRetryMs, retryMs * 2);
      // What happened meanwhile is in the next reading.
      if (!signal.aborted) hear.changed();
    }
  }
}

/** There is nothing to listen to, and will not be. */
class ChangesUntold extends Error {}

/** @throws IncompleteReading, SyncRefused, ChangesUntold */
async function watchOnce(watch: Watch, outer: AbortSignal): Promise<never> {
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  const directory = await openDirectory(watch.settings, signal);
  try {
    const ways = waysOffered(directory);
    if (ways.length === 0) throw new ChangesUntold(`${directory.client.url} cannot tell that something changed`);
    const gone = directory.client.closed.then(() => {
      throw new ConnectionLost(`${directory.client.url} closed the connection`);
    });
    const way = ways.find((each) => each === 'sync' || each === 'syncLog');
    const telling = way === undefined ? poll(watch, directory, signal) : listen(watch, directory, way, signal);
    return await Promise.race([telling, heartbeat(watch, directory, signal), gone]);
  } finally {
    over.abort(new Error('the watch is over'));
    directory.client.close();
  }
}

/** Searches that never end (RFC 4533 refreshAndPersist), one for each part. */
async function listen(
  { settings, since, hear }: Watch,
  directory: Directory,
  way: 'sync' | 'syncLog',
  signal: AbortSignal,
): Promise<never> {
  const { kind, schema, dse } = directory;
  const none = { users: new Set<string>(), groups: new Set<string>() };
  const parts = partsOf({ settings, kind, schema, uses: none, activeRule: undefined, now: instant(0) });
  const searches =
    way === 'syncLog'
      ? logSearches({ dse, parts, timeoutMs: undefined })
      : [
          ...containersOf({ dse, parts, timeoutMs: undefined }),
          ...parts.map((part) => ({
            name: part.part,
            search: { ...syncSearchOf(part, undefined), attributes: ['1.1'] },
          })),
        ];
  const bookmark = readBookmark(await since());
  const cookies: Readonly<Record<string, string>> =
    bookmark?.way === 'sync' || bookmark?.way === 'syncLog' ? bookmark.cookies : {};
  const deaf = new Set(searches.map(({ name }) => name));
  const listenTo = async (search: SyncSearch, cookie: string | undefined, ear: Ear): Promise<never> => {
    if (cookie === undefined) return persist(directory, search, undefined, ear, signal);
    return persist(directory, search, Buffer.from(cookie, 'base64'), ear, signal).catch((error: unknown) => {
      if (!(error instanceof SyncRefused)) throw error;
      // The next reading finds that out as well, reads everything, and gets another cookie.
      return persist(directory, search, undefined, ear, signal);
    });
  };
  return Promise.race(
    searches.map(({ name, search }) => {
      const ear: Ear = {
        changed: hear.changed,
        refreshed() {
          if (deaf.delete(name) && deaf.size === 0) hear.listening();
        },
      };
      const listening = listenTo(search, cookies[name], ear);
      return search.isAside === true ? aside(listening, ear) : listening;
    }),
  );
}

/** What stands aside may be refused to an account that sees nothing but its bases: then nobody listens there. */
async function aside(listening: Promise<never>, ear: Ear): Promise<never> {
  return listening.catch(async (error: unknown) => {
    if (!(error instanceof SearchFailed || error instanceof SyncRefused || error instanceof ChangesUntold)) throw error;
    ear.refreshed();
    return Promise.race<never>([]);
  });
}

interface Ear {
  readonly changed: () => void;
  /** What was there before has been told; from now on there is only news. */
  readonly refreshed: () => void;
}

/** @throws SyncRefused where the server does not accept the cookie; ChangesUntold where it does not do this at all; SearchFailed, ConnectionLost */
async function persist(
  { client }: Directory,
  search: SyncSearch,
  cookie: Buffer | undefined,
  ear: Ear,
  signal: AbortSignal,
): Promise<never> {
  // Without a cookie the server first tells all that is there, which is no news; but what happened since the last reading is among it.
  let isNews = cookie !== undefined;
  const asked = { ...search, scope: 'sub', controls: [syncRequest('refreshAndPersist', cookie)] } as const;
  const done = await resultOf(client, asked, signal, (items) => {
    let isChange = false;
    for (const item of items) {
      const told = tell(item);
      if (isNews && (told.kind === 'present' || told.entry !== undefined || told.removed.length > 0)) isChange = true;
      if (!endsRefresh(item)) continue;
      isChange ||= !isNews;
      isNews = true;
      ear.refreshed();
    }
    if (isChange) ear.changed();
  });
  if (done.code === 0 || cookie !== undefined)
    throw new SyncRefused(`the server ended the search with result code ${done.code}`);
  if (isRefused(done.code))
    throw new ChangesUntold(`${client.url} does not let this account hear of changes (result code ${done.code})`);
  throw complain(client.url, search, done);
}

function endsRefresh(item: Parameters<typeof tell>[0]): boolean {
  if (item.kind !== 'intermediate' || item.name !== syncInfoOid || item.value === undefined) return false;
  const info = syncInfo(item.value);
  return (info.kind === 'refreshDelete' || info.kind === 'refreshPresent') && info.refreshDone;
}

/** A server that tells nothing by itself is asked for its highest change number, and for changes when that moved. */
async function poll(
  { settings, clock, since, hear }: Watch,
  directory: Directory,
  signal: AbortSignal,
): Promise<never> {
  const { client } = directory;
  const { timeoutMs } = settings.connection;
  let mark: Bookmark | undefined;
  let usn: string | undefined;
  let isHeard = false;
  for (;;) {
    const dse = await readRootDse(client, timeoutMs, signal);
    mark ??= usable(readBookmark(await since()), dse);
    if (dse.highestCommittedUsn !== usn) {
      usn = dse.highestCommittedUsn;
      const news =
        mark === undefined
          ? undefined
          : await changesAfter(mark, { client, dse, timeoutMs }, settings.pageSize, signal);
      mark = news?.mark;
      if (news?.isSome !== false) hear.changed();
    }
    if (!isHeard) hear.listening();
    isHeard = true;
    await clock.sleep(mark === undefined ? blindPollMs : pollMs, signal);
  }
}

/** A change number counts at its own domain controller only. */
function usable(bookmark: Bookmark | undefined, { dsServiceName }: RootDse): Bookmark | undefined {
  return bookmark?.way === 'usn' && bookmark.controller !== dsServiceName ? undefined : bookmark;
}

type Asked = Parameters<typeof dirSyncChanges>[0];

async function changesAfter(
  mark: Bookmark,
  asked: Asked,
  pageSize: number,
  signal: AbortSignal,
): Promise<{ readonly isSome: boolean; readonly mark: Bookmark } | undefined> {
  if (mark.way === 'dirSync') {
    const { ids, mark: next } = await dirSyncChanges(asked, Buffer.from(mark.cookie, 'base64'), ['*'], signal);
    return { isSome: ids.size > 0, mark: { way: 'dirSync', cookie: next.toString('base64') } };
  }
  if (mark.way !== 'usn') return undefined;
  const { ids, mark: next } = await usnChanges(asked, BigInt(mark.usn), pageSize, signal);
  return { isSome: ids.size > 0, mark: { ...mark, usn: next.toString() } };
}

/** A server that vanished without a word is noticed by its silence. */
async function heartbeat({ settings, clock }: Watch, { client }: Directory, signal: AbortSignal): Promise<never> {
  for (;;) {
    await clock.sleep(heartbeatMs, signal);
    await readRootDse(client, settings.connection.timeoutMs, signal);
  }
}
