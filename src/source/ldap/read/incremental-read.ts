import { InvariantError } from '../../../model/errors.ts';
import type { RowBatch } from '../../source.ts';
import { toBatch } from './batches.ts';
import type { Bookmark } from '../changes/bookmark.ts';
import { completeEntries, type CompletionIo } from './complete-entries.ts';
import { searchError } from '../protocol/search-error.ts';
import { ChangesUnavailable, maxChanges } from '../changes/changes-unavailable.ts';
import { syncChanges, type SyncSearch } from '../changes/syncrepl.ts';
import type { LdapClient } from '../protocol/client.ts';
import { readEntry } from '../protocol/entry.ts';
import { matchAll, compileFilter, or, type Filter } from '../protocol/filter.ts';
import { AlreadyRead } from './already-read.ts';
import { identityHandleOf, identityHandle } from '../names/identity.ts';
import { guidFilter, dirSyncChanges, hasContainer, readInvocationId, usnChanges } from '../changes/ad-changes.ts';
import { searchPart, type PartSearch } from './part-searches.ts';
import { runSearch } from '../protocol/run-search.ts';
import type { RootDse } from '../protocol/root-dse.ts';
import { containerSearches, toSyncSearch } from '../changes/sync-searches.ts';
import { uniqueIdFilter, hasChildren, logChanges } from '../changes/retro-changelog.ts';
import { idText } from '../protocol/values.ts';

/** What every read of a directory needs. */
export interface DirectoryIo {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly parts: readonly PartSearch[];
  readonly completion: CompletionIo;
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/** The result of an incremental read. */
export interface IncrementalRead {
  readonly batches: readonly RowBatch[];
  readonly bookmark: Bookmark;
  readonly alreadyRead: AlreadyRead;
}

/** IDs in one filter. */
const idsPerSearch = 100;

/**
 * Reads the changes since a bookmark. It collects all of them before it returns, so that the caller can still switch to
 * a full read.
 *
 * @throws ChangesUnavailable where a full read is needed; IncompleteReading
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
      'change numbers of another domain controller, or of another database of this one, do not apply',
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
    if (cookie === undefined || cookie === '') throw new ChangesUnavailable(`the bookmark has no cookie for ${name}`);
    const changes = await syncChanges(io.client, search, Buffer.from(cookie, 'base64'), maxChanges, signal);
    nextCookies[name] = changes.cookie.toString('base64');
    return changes;
  };
  for (const { name, search } of containerSearches(io)) {
    const { entries } = await readSearch(name, search);
    // The DNs of all its descendants have changed, and the server does not report them.
    if (entries.size > 0) throw new ChangesUnavailable('a container was created, renamed or moved');
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

/** To an account that has lost the right to read the base, the server reports no changes. @throws IncompleteReading */
async function requireBaseVisible(
  { client, timeoutMs }: DirectoryIo,
  { base }: PartSearch,
  signal: AbortSignal,
): Promise<void> {
  const search = { base, scope: 'base', filter: matchAll, attributes: ['1.1'], timeoutMs } as const;
  const done = await runSearch(client, search, signal, () => undefined);
  if (done.code !== 0) throw searchError(client.url, search, done);
}

/** Groups with a `memberURL`: their members change without a change of the group. */
async function dynamicGroups(io: DirectoryIo, part: PartSearch, signal: AbortSignal): Promise<readonly Buffer[]> {
  const { memberUrl } = part.readerOptions.directoryProfile.groups;
  if (part.part === 'users' || memberUrl.length === 0) return [];
  return searchPart(io, part, or(...memberUrl.map((name) => compileFilter(`(${name}=*)`))), signal);
}

/** How entries are found by the IDs that the server reported. */
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

/**
 * Reads the reported objects. Those that the search of a part still finds are returned, the others are removed from the
 * part.
 */
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
      throw new ChangesUnavailable('a container was created, renamed or moved');
    for (const part of io.parts) {
      const entries = await searchPart(io, part, identities.filter(chunk), signal);
      const existing = new Set(
        entries.map((bytes) => identityHandleOf(readEntry(bytes), part.readerOptions.directoryProfile.id)),
      );
      const removed = chunk.map(identities.handle).filter((handle) => !existing.has(handle));
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
  if (text === undefined) throw new InvariantError(`${id.toString('hex')} is not a GUID`);
  return identityHandle(text);
}
