import type { RowBatch } from '../source.ts';
import { batchOf, type Numbering } from './batches.ts';
import type { Bookmark } from './bookmark.ts';
import type { DirectoryIo } from './changes.ts';
import { completed } from './completion.ts';
import { syncContent } from './content-sync.ts';
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
 * Everything by content synchronisation: the same search tells what is there and from where to go on.
 *
 * @throws SyncRefused where the server does not do it for this account; IncompleteReading
 */
export async function* syncedEverything(io: DirectoryIo, signal: AbortSignal): Everything {
  const cookies: Record<string, string> = {};
  let hasAll = true;
  const note = (name: string, cookie: Buffer | undefined): void => {
    if (cookie === undefined) hasAll = false;
    else cookies[name] = cookie.toString('base64');
  };
  for (const { name, search } of containersOf(io)) {
    const content = syncContent(io.client, search, signal);
    let next = await content.next();
    while (next.done !== true) next = await content.next();
    note(name, next.value);
  }
  for (const part of io.parts) {
    const numbering: Numbering = { next: 1 };
    const content = syncContent(io.client, syncSearchOf(part, io.timeoutMs), signal);
    try {
      let next = await content.next();
      for (; next.done !== true; next = await content.next()) {
        hasAll &&= showsIdentity(part, next.value);
        yield batchOf(part, await completed(part, next.value, io.completion, signal), numbering);
      }
      note(part.part, next.value);
    } finally {
      await content.return(undefined);
    }
  }
  return hasAll ? { way: 'sync', cookies } : undefined;
}

/**
 * Everything by pages. Where changes can be asked for afterwards, the place to go on from is taken before: what changes during the reading is read again.
 *
 * @throws IncompleteReading
 */
export async function* pagedEverything(io: DirectoryIo, ways: readonly ChangeWay[], signal: AbortSignal): Everything {
  let bookmark = await objectMark(io, ways, signal);
  for (const part of io.parts) {
    const numbering: Numbering = { next: 1 };
    const search = { base: part.base, scope: 'sub', filter: part.filter, attributes: part.attributes, timeoutMs: io.timeoutMs } as const;
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
async function objectMark(io: DirectoryIo, ways: readonly ChangeWay[], signal: AbortSignal): Promise<Bookmark | undefined> {
  const { client, dse, parts, pageSize, timeoutMs } = io;
  const root = foldDn(dse.defaultNamingContext ?? '');
  const isInRoot = root !== '' && parts.every(({ base }) => isUnder(foldDn(base), root));
  for (const way of ways) {
    try {
      if (way === 'syncLog') return await logMark(io, signal);
      if (!isInRoot) continue;
      if (way === 'dirSync') {
        const { mark } = await dirSyncChanges({ client, dse, timeoutMs }, undefined, [], signal);
        return { way, cookie: mark.toString('base64') };
      }
      if (way === 'usn' && dse.dsServiceName !== undefined) {
        const { mark } = await usnChanges({ client, dse, timeoutMs }, undefined, pageSize, signal);
        return { way, controller: dse.dsServiceName, invocation: await invocationOf({ client, dse, timeoutMs }, signal), usn: mark.toString() };
      }
    } catch (error) {
      if (!(error instanceof ChangesRefused)) throw error;
    }
  }
  return undefined;
}
