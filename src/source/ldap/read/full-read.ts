import type { RowBatch } from '../../source.ts';
import { toBatch, type EntryCounter } from './batches.ts';
import type { Bookmark } from '../changes/bookmark.ts';
import type { DirectoryIo } from './incremental-read.ts';
import { completeEntries } from './complete-entries.ts';
import { ChangesUnavailable } from '../changes/changes-unavailable.ts';
import { currentCookie } from '../changes/syncrepl.ts';
import { normaliseDn, isUnder } from '../names/dn.ts';
import { readEntry } from '../protocol/entry.ts';
import { dirSyncChanges, readInvocationId, usnChanges } from '../changes/ad-changes.ts';
import { pagedSearch } from '../protocol/paged.ts';
import type { PartSearch } from './part-searches.ts';
import { containerSearches, toSyncSearch } from '../changes/sync-searches.ts';
import type { ChangeMethod } from '../settings.ts';
import { currentChangeNumber } from '../changes/retro-changelog.ts';

/** Yields the batches of a full read, and returns the bookmark for the next incremental read. */
export type FullRead = AsyncGenerator<RowBatch, Bookmark | undefined>;

/**
 * Reads all parts by pages. The bookmark is taken before, so that the next read repeats what changes during this one.
 *
 * @throws IncompleteReading
 */
export async function* readAll(io: DirectoryIo, methods: readonly ChangeMethod[], signal: AbortSignal): FullRead {
  let bookmark = await currentBookmark(io, methods, signal);
  for (const part of io.parts) {
    const counter: EntryCounter = { next: 1 };
    const search = {
      base: part.base,
      scope: 'sub',
      filter: part.filter,
      attributes: part.attributes,
      timeoutMs: io.timeoutMs,
    } as const;
    for await (const entries of pagedSearch(io.client, search, io.pageSize, signal)) {
      if (!hasIdentity(part, entries)) bookmark = undefined;
      yield toBatch(part, await completeEntries(part, entries, io.completion, signal), counter);
    }
  }
  return bookmark;
}

/**
 * Whether the account can read the ID by which the server reports changes; without it, changes cannot be assigned to
 * entries. One entry is enough to check, because access rules cover many entries.
 */
function hasIdentity({ readerOptions }: PartSearch, [first]: readonly Buffer[]): boolean {
  return (
    first === undefined || readEntry(first).attributes.has(readerOptions.directoryProfile.id.attribute.toLowerCase())
  );
}

/** The current bookmark, by the first method that the account may use. */
async function currentBookmark(
  io: DirectoryIo,
  methods: readonly ChangeMethod[],
  signal: AbortSignal,
): Promise<Bookmark | undefined> {
  const { client, dse, parts, pageSize, timeoutMs } = io;
  const root = normaliseDn(dse.defaultNamingContext ?? '');
  const isInRoot = root !== '' && parts.every(({ base }) => isUnder(normaliseDn(base), root));
  for (const method of methods) {
    try {
      if (method === 'sync') return { method, cookies: await currentCookies(io, signal) };
      if (method === 'syncLog') return await currentChangeNumber(io, signal);
      if (!isInRoot) continue;
      if (method === 'dirSync') {
        const { cursor } = await dirSyncChanges({ client, dse, timeoutMs }, undefined, [], signal);
        return { method, cookie: cursor.toString('base64') };
      }
      if (method === 'usn' && dse.dsServiceName !== undefined) {
        const { cursor } = await usnChanges({ client, dse, timeoutMs }, undefined, pageSize, signal);
        return {
          method,
          controller: dse.dsServiceName,
          invocation: await readInvocationId({ client, dse, timeoutMs }, signal),
          usn: cursor.toString(),
        };
      }
    } catch (error) {
      if (!(error instanceof ChangesUnavailable)) throw error;
    }
  }
  return undefined;
}

async function currentCookies(io: DirectoryIo, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const searches = [
    ...containerSearches(io),
    ...io.parts.map((part) => ({ name: part.part, search: toSyncSearch(part, io.timeoutMs) })),
  ];
  const cookies: Record<string, string> = {};
  for (const { name, search } of searches)
    cookies[name] = (await currentCookie(io.client, search, signal)).toString('base64');
  return cookies;
}
