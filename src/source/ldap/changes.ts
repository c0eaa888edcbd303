import { InvariantError } from '../../model/errors.ts';
import type { RowBatch } from '../source.ts';
import { batchOf } from './batches.ts';
import type { Bookmark } from './bookmark.ts';
import { completed, type CompletionIo } from './completion.ts';
import { complain } from './complaint.ts';
import { SyncRefused, syncChanges, type SyncSearch } from './content-sync.ts';
import type { LdapClient } from './client.ts';
import { readEntry } from './entry.ts';
import { anything, compileFilter, or, type Filter } from './filter.ts';
import { Given } from './given.ts';
import { handleIn, identityHandle } from './identity.ts';
import {
  anyGuid,
  ChangesRefused,
  dirSyncChanges,
  hasContainer,
  invocationOf,
  mostChanges,
  usnChanges,
} from './object-changes.ts';
import { entriesOfPart } from './part-search.ts';
import type { DirectoryPart } from './parts.ts';
import { resultOf } from './result.ts';
import type { RootDse } from './root-dse.ts';
import { containersOf, syncSearchOf } from './searches.ts';
import { anyUniqueId, holdsOthers, logChanges } from './sync-log.ts';
import { idText } from './values.ts';

/** What reading a directory needs, whichever way it is read. */
export interface DirectoryIo {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly parts: readonly DirectoryPart[];
  readonly completion: CompletionIo;
  readonly pageSize: number;
  readonly timeoutMs: number;
}

export interface Changes {
  readonly batches: readonly RowBatch[];
  readonly bookmark: Bookmark;
  readonly given: Given;
}

/** Identities in one filter. */
const idsAtOnce = 100;

/**
 * What changed since a bookmark. All of it is in hand before any of it is given away, so that a refusal half way costs nothing.
 *
 * @throws SyncRefused, ChangesRefused where everything must be read instead; IncompleteReading
 */
export async function changesSince(io: DirectoryIo, bookmark: Bookmark, signal: AbortSignal): Promise<Changes> {
  const given = new Given();
  const { batches, bookmark: next } = await toldChanges(io, bookmark, given, signal);
  for (const part of io.parts) {
    const others = given.take(part, await dynamicGroups(io, part, signal));
    if (others.length > 0)
      batches.push(batchOf(part, await completed(part, others, io.completion, signal), { next: 1 }));
  }
  return {
    batches: batches.sort((one, other) => order.indexOf(one.part) - order.indexOf(other.part)),
    bookmark: next,
    given,
  };
}

const order: readonly RowBatch['part'][] = ['users', 'groups', 'nested', 'memberships'];

interface ToldChanges {
  readonly batches: RowBatch[];
  readonly bookmark: Bookmark;
}

async function toldChanges(
  io: DirectoryIo,
  bookmark: Bookmark,
  given: Given,
  signal: AbortSignal,
): Promise<ToldChanges> {
  if (bookmark.way === 'sync') return syncedChanges(io, bookmark.cookies, given, signal);
  if (bookmark.way === 'syncLog') {
    const { ids, mark } = await logChanges(io, bookmark, signal);
    return { batches: await objectBatches(io, [...ids.values()], byUniqueId(io), given, signal), bookmark: mark };
  }
  const { client, dse, timeoutMs, pageSize } = io;
  if (bookmark.way === 'dirSync') {
    const attributes = io.parts.flatMap(({ attributes: asked, filter }) => [...asked, ...filter.attributes]);
    const { ids, mark } = await dirSyncChanges(
      { client, dse, timeoutMs },
      Buffer.from(bookmark.cookie, 'base64'),
      attributes,
      signal,
    );
    return {
      batches: await objectBatches(io, [...ids.values()], byGuid(io), given, signal),
      bookmark: { way: 'dirSync', cookie: mark.toString('base64') },
    };
  }
  const isSame =
    bookmark.controller === dse.dsServiceName &&
    bookmark.invocation === (await invocationOf({ client, dse, timeoutMs }, signal));
  if (!isSame)
    throw new ChangesRefused(
      'another domain controller answered, or the same one with another database, and each counts its changes for itself',
    );
  const { ids, mark } = await usnChanges({ client, dse, timeoutMs }, BigInt(bookmark.usn), pageSize, signal);
  return {
    batches: await objectBatches(io, [...ids.values()], byGuid(io), given, signal),
    bookmark: { ...bookmark, usn: mark.toString() },
  };
}

async function syncedChanges(
  io: DirectoryIo,
  cookies: Readonly<Record<string, string>>,
  given: Given,
  signal: AbortSignal,
): Promise<ToldChanges> {
  const next: Record<string, string> = {};
  const changed = async (name: string, search: SyncSearch): ReturnType<typeof syncChanges> => {
    const cookie = cookies[name];
    if (cookie === undefined || cookie === '') throw new SyncRefused(`no cookie for ${name}`);
    const changes = await syncChanges(io.client, search, Buffer.from(cookie, 'base64'), mostChanges, signal);
    next[name] = changes.cookie.toString('base64');
    return changes;
  };
  for (const { name, search } of containersOf(io)) {
    const { entries } = await changed(name, search);
    // Whoever stands below it has another name now, and is told nowhere.
    if (entries.size > 0) throw new SyncRefused('a container was made, renamed or moved');
  }
  const batches: RowBatch[] = [];
  for (const part of io.parts) {
    await requireSight(io, part, signal);
    const { entries, removed } = await changed(part.part, syncSearchOf(part, io.timeoutMs));
    batches.push(
      batchOf(
        part,
        await completed(part, given.take(part, entries.values()), io.completion, signal),
        { next: 1 },
        [...removed].map(identityHandle),
      ),
    );
  }
  return { batches, bookmark: { way: 'sync', cookies: next } };
}

/** To an account that lost the right to see the base, a server says that nothing changed. @throws IncompleteReading */
async function requireSight(
  { client, timeoutMs }: DirectoryIo,
  { base }: DirectoryPart,
  signal: AbortSignal,
): Promise<void> {
  const search = { base, scope: 'base', filter: anything, attributes: ['1.1'], timeoutMs } as const;
  const done = await resultOf(client, search, signal, () => undefined);
  if (done.code !== 0) throw complain(client.url, search, done);
}

/** Groups whose members are whoever a search finds: their members change without them. */
async function dynamicGroups(io: DirectoryIo, part: DirectoryPart, signal: AbortSignal): Promise<readonly Buffer[]> {
  const { memberUrl } = part.rules.kind.groups;
  if (part.part === 'users' || memberUrl.length === 0) return [];
  return entriesOfPart(io, part, or(...memberUrl.map((name) => compileFilter(`(${name}=*)`))), signal);
}

/** How a server finds entries by the identities that it told. */
interface Identities {
  readonly any: (ids: readonly Buffer[]) => Filter;
  readonly handle: (id: Buffer) => string;
  readonly holdOthers: (ids: readonly Buffer[], signal: AbortSignal) => Promise<boolean>;
}

const byGuid = ({ client, dse, timeoutMs }: DirectoryIo): Identities => ({
  any: anyGuid,
  handle: guidHandle,
  holdOthers: (ids, signal) => hasContainer({ client, dse, timeoutMs }, ids, signal),
});

const byUniqueId = (io: DirectoryIo): Identities => ({
  any: anyUniqueId,
  handle: (id) => identityHandle(id.toString('hex')),
  holdOthers: (ids, signal) => holdsOthers(io, ids, signal),
});

/** What became of objects: those that a part's search still finds are read as in any reading, the others are gone from it. */
async function objectBatches(
  io: DirectoryIo,
  ids: readonly Buffer[],
  identities: Identities,
  given: Given,
  signal: AbortSignal,
): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const some = ids.slice(at, at + idsAtOnce);
    if (await identities.holdOthers(some, signal)) throw new ChangesRefused('a container was made, renamed or moved');
    for (const part of io.parts) {
      const found = await entriesOfPart(io, part, identities.any(some), signal);
      const there = new Set(found.map((bytes) => handleIn(readEntry(bytes), part.rules.kind.id)));
      const gone = some.map(identities.handle).filter((handle) => !there.has(handle));
      batches.push(
        batchOf(part, await completed(part, given.take(part, found), io.completion, signal), { next: 1 }, gone),
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
