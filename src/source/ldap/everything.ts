import type { RowBatch } from '../source.ts';
import { batchOf, type Numbering } from './batches.ts';
import type { Bookmark } from './bookmark.ts';
import type { DirectoryIo } from './changes.ts';
import { completed } from './completion.ts';
import { SyncRefused, syncPlace } from './content-sync.ts';
import { foldDn, isUnder } from './dn.ts';
import { readEntry } from './entry.ts';
import { ChangesRefused, dirSyncChanges, invocationOf, usnChanges } from './object-changes.ts';
import { pagedSearch } from './paged.ts';
import type { DirectoryPart } from './parts.ts';
import { containersOf, syncSearchOf } from './searches.ts';
import type { ChangeWay } from './settings.ts';
import { logMark } from './sync-log.ts';

/** Batches of a whole reading, and at their end where the next one can go on. */
export type Everything = AsyncGenerator<RowBatch, Bookmark | undefined>;

/**
 * Everything by pages. Where changes can be asked for afterwards, the place to go on from is taken before: what changes during the reading is read again.
 *
 * @throws IncompleteReading
 */
export async function* pagedEverything(io: DirectoryIo, ways: readonly ChangeWay[], signal: AbortSignal): Everything {
  let bookmark = await placeNow(io, ways, signal);
  for (const part of io.parts) {
    const numbering: Numbering = { next: 1 };
    const search = {
      base: part.base,
      scope: 'sub',
      filter: part.filter,
      attributes: part.attributes,
      timeoutMs: io.timeoutMs,
    } as const;
    for await (const entries of pagedSearch(io.client, search, io.pageSize, signal)) {
      if (!showsIdentity(part, entries)) bookmark = undefined;
      yield batchOf(part, await completed(part, entries, io.completion, signal), numbering);
    }
  }
  return bookmark;
}

/**
 * Whether the account sees by what the server will name what changed; who may see it is said for many entries at once. Without it, changes
 * would be nobody's.
 */
function showsIdentity({ rules }: DirectoryPart, [first]: readonly Buffer[]): boolean {
  return first === undefined || readEntry(first).attributes.has(rules.kind.id.attribute.toLowerCase());
}

/** Where things stand now, by the first way that this account may use. */
async function placeNow(
  io: DirectoryIo,
  ways: readonly ChangeWay[],
  signal: AbortSignal,
): Promise<Bookmark | undefined> {
  const { client, dse, parts, pageSize, timeoutMs } = io;
  const root = foldDn(dse.defaultNamingContext ?? '');
  const isInRoot = root !== '' && parts.every(({ base }) => isUnder(foldDn(base), root));
  for (const way of ways) {
    try {
      if (way === 'sync') return { way, cookies: await placesOf(io, signal) };
      if (way === 'syncLog') return await logMark(io, signal);
      if (!isInRoot) continue;
      if (way === 'dirSync') {
        const { mark } = await dirSyncChanges({ client, dse, timeoutMs }, undefined, [], signal);
        return { way, cookie: mark.toString('base64') };
      }
      if (way === 'usn' && dse.dsServiceName !== undefined) {
        const { mark } = await usnChanges({ client, dse, timeoutMs }, undefined, pageSize, signal);
        return {
          way,
          controller: dse.dsServiceName,
          invocation: await invocationOf({ client, dse, timeoutMs }, signal),
          usn: mark.toString(),
        };
      }
    } catch (error) {
      if (!(error instanceof SyncRefused || error instanceof ChangesRefused)) throw error;
    }
  }
  return undefined;
}

async function placesOf(io: DirectoryIo, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const searches = [
    ...containersOf(io),
    ...io.parts.map((part) => ({ name: part.part, search: syncSearchOf(part, io.timeoutMs) })),
  ];
  const cookies: Record<string, string> = {};
  for (const { name, search } of searches)
    cookies[name] = (await syncPlace(io.client, search, signal)).toString('base64');
  return cookies;
}
