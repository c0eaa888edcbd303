import { InvariantError } from '../../../model/errors.ts';
import type { RowBatch } from '../../source.ts';
import { toBatch } from './batches.ts';
import type { Bookmark } from '../changes/bookmark.ts';
import { completeEntries, type CompletionIo } from './complete-entries.ts';
import { searchError } from '../protocol/error-text.ts';
import { SyncUnavailable, syncChanges, type SyncSearch } from '../changes/syncrepl.ts';
import type { LdapClient } from '../protocol/client.ts';
import { readEntry } from '../protocol/entry.ts';
import { matchAll, compileFilter, or, type Filter } from '../protocol/filter.ts';
import { AlreadyRead } from './already-read.ts';
import { identityHandleOf, identityHandle } from '../names/identity.ts';
import {
  guidFilter,
  ChangesUnavailable,
  dirSyncChanges,
  hasContainer,
  readInvocationId,
  maxChanges,
  usnChanges,
} from '../changes/ad-changes.ts';
import { searchPart } from './search-part.ts';
import type { PartSearch } from './part-searches.ts';
import { runSearch } from '../protocol/search-result.ts';
import type { RootDse } from '../protocol/root-dse.ts';
import { containerSearches, toSyncSearch } from '../changes/sync-searches.ts';
import { uniqueIdFilter, hasChildren, logChanges } from '../changes/retro-changelog.ts';
import { idText } from '../protocol/values.ts';

/** What reading a directory needs, whichever way it is read. */
export interface DirectoryIo {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly parts: readonly PartSearch[];
  readonly completion: CompletionIo;
  readonly pageSize: number;
  readonly timeoutMs: number;
}

export interface IncrementalRead {
  readonly batches: readonly RowBatch[];
  readonly bookmark: Bookmark;
  readonly alreadyRead: AlreadyRead;
}

/** Identities in one filter. */
const idsPerSearch = 100;

/**
 * What changed since a bookmark. All of it is in hand before any of it is given away, so that a refusal half way costs nothing.
 *
 * @throws SyncUnavailable, ChangesUnavailable where everything must be read instead; IncompleteReading
 */
export async function readChanges(io: DirectoryIo, bookmark: Bookmark, signal: AbortSignal): Promise<IncrementalRead> {
  const alreadyRead = new AlreadyRead();
  const { batches, bookmark: next } = await reportedChanges(io, bookmark, alreadyRead, signal);
  for (const part of io.parts) {
    const dynamicEntries = alreadyRead.filterNew(part, await dynamicGroups(io, part, signal));
    if (dynamicEntries.length > 0)
      batches.push(toBatch(part, await completeEntries(part, dynamicEntries, io.completion, signal), { next: 1 }));
  }
  return {
    batches: batches.sort((one, other) => partOrder.indexOf(one.part) - partOrder.indexOf(other.part)),
    bookmark: next,
    alreadyRead,
  };
}

const partOrder: readonly RowBatch['part'][] = ['users', 'groups', 'nested', 'memberships'];

interface ReportedChanges {
  readonly batches: RowBatch[];
  readonly bookmark: Bookmark;
}

async function reportedChanges(
  io: DirectoryIo,
  bookmark: Bookmark,
  alreadyRead: AlreadyRead,
  signal: AbortSignal,
): Promise<ReportedChanges> {
  if (bookmark.method === 'sync') return syncreplChanges(io, bookmark.cookies, alreadyRead, signal);
  if (bookmark.method === 'syncLog') {
    const { ids, cursor } = await logChanges(io, bookmark, signal);
    return {
      batches: await objectBatches(io, [...ids.values()], byUniqueId(io), alreadyRead, signal),
      bookmark: cursor,
    };
  }
  const { client, dse, timeoutMs, pageSize } = io;
  if (bookmark.method === 'dirSync') {
    const attributes = io.parts.flatMap(({ attributes: requested, filter }) => [...requested, ...filter.attributes]);
    const { ids, cursor } = await dirSyncChanges(
      { client, dse, timeoutMs },
      Buffer.from(bookmark.cookie, 'base64'),
      attributes,
      signal,
    );
    return {
      batches: await objectBatches(io, [...ids.values()], byGuid(io), alreadyRead, signal),
      bookmark: { method: 'dirSync', cookie: cursor.toString('base64') },
    };
  }
  const isSame =
    bookmark.controller === dse.dsServiceName &&
    bookmark.invocation === (await readInvocationId({ client, dse, timeoutMs }, signal));
  if (!isSame)
    throw new ChangesUnavailable(
      'another domain controller answered, or the same one with another database, and each counts its changes for itself',
    );
  const { ids, cursor } = await usnChanges({ client, dse, timeoutMs }, BigInt(bookmark.usn), pageSize, signal);
  return {
    batches: await objectBatches(io, [...ids.values()], byGuid(io), alreadyRead, signal),
    bookmark: { ...bookmark, usn: cursor.toString() },
  };
}

async function syncreplChanges(
  io: DirectoryIo,
  cookies: Readonly<Record<string, string>>,
  alreadyRead: AlreadyRead,
  signal: AbortSignal,
): Promise<ReportedChanges> {
  const nextCookies: Record<string, string> = {};
  const readSearch = async (name: string, search: SyncSearch): ReturnType<typeof syncChanges> => {
    const cookie = cookies[name];
    if (cookie === undefined || cookie === '') throw new SyncUnavailable(`no cookie for ${name}`);
    const changes = await syncChanges(io.client, search, Buffer.from(cookie, 'base64'), maxChanges, signal);
    nextCookies[name] = changes.cookie.toString('base64');
    return changes;
  };
  for (const { name, search } of containerSearches(io)) {
    const { entries } = await readSearch(name, search);
    // Whoever stands below it has another name now, and is told nowhere.
    if (entries.size > 0) throw new SyncUnavailable('a container was made, renamed or moved');
  }
  const batches: RowBatch[] = [];
  for (const part of io.parts) {
    await requireBaseVisible(io, part, signal);
    const { entries, removed } = await readSearch(part.part, toSyncSearch(part, io.timeoutMs));
    batches.push(
      toBatch(
        part,
        await completeEntries(part, alreadyRead.filterNew(part, entries.values()), io.completion, signal),
        { next: 1 },
        [...removed].map(identityHandle),
      ),
    );
  }
  return { batches, bookmark: { method: 'sync', cookies: nextCookies } };
}

/** To an account that lost the right to see the base, a server says that nothing changed. @throws IncompleteReading */
async function requireBaseVisible(
  { client, timeoutMs }: DirectoryIo,
  { base }: PartSearch,
  signal: AbortSignal,
): Promise<void> {
  const search = { base, scope: 'base', filter: matchAll, attributes: ['1.1'], timeoutMs } as const;
  const done = await runSearch(client, search, signal, () => undefined);
  if (done.code !== 0) throw searchError(client.url, search, done);
}

/** Groups whose members are whoever a search finds: their members change without them. */
async function dynamicGroups(io: DirectoryIo, part: PartSearch, signal: AbortSignal): Promise<readonly Buffer[]> {
  const { memberUrl } = part.readerOptions.directoryProfile.groups;
  if (part.part === 'users' || memberUrl.length === 0) return [];
  return searchPart(io, part, or(...memberUrl.map((name) => compileFilter(`(${name}=*)`))), signal);
}

/** How a server finds entries by the identities that it told. */
interface IdentityLookup {
  readonly filter: (ids: readonly Buffer[]) => Filter;
  readonly handle: (id: Buffer) => string;
  readonly haveChildren: (ids: readonly Buffer[], signal: AbortSignal) => Promise<boolean>;
}

const byGuid = ({ client, dse, timeoutMs }: DirectoryIo): IdentityLookup => ({
  filter: guidFilter,
  handle: guidHandle,
  haveChildren: (ids, signal) => hasContainer({ client, dse, timeoutMs }, ids, signal),
});

const byUniqueId = (io: DirectoryIo): IdentityLookup => ({
  filter: uniqueIdFilter,
  handle: (id) => identityHandle(id.toString('hex')),
  haveChildren: (ids, signal) => hasChildren(io, ids, signal),
});

/** What became of objects: those that a part's search still finds are read as in any reading, the others are gone from it. */
async function objectBatches(
  io: DirectoryIo,
  ids: readonly Buffer[],
  identities: IdentityLookup,
  alreadyRead: AlreadyRead,
  signal: AbortSignal,
): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  for (let at = 0; at < ids.length; at += idsPerSearch) {
    const chunk = ids.slice(at, at + idsPerSearch);
    if (await identities.haveChildren(chunk, signal))
      throw new ChangesUnavailable('a container was made, renamed or moved');
    for (const part of io.parts) {
      const entries = await searchPart(io, part, identities.filter(chunk), signal);
      const foundHandles = new Set(
        entries.map((bytes) => identityHandleOf(readEntry(bytes), part.readerOptions.directoryProfile.id)),
      );
      const removed = chunk.map(identities.handle).filter((handle) => !foundHandles.has(handle));
      batches.push(
        toBatch(
          part,
          await completeEntries(part, alreadyRead.filterNew(part, entries), io.completion, signal),
          { next: 1 },
          removed,
        ),
      );
    }
  }
  return batches;
}

function guidHandle(id: Buffer): string {
  const text = idText('guid', id);
  if (text === undefined) throw new InvariantError(`${id.toString('hex')} is no GUID`);
  return identityHandle(text);
}
