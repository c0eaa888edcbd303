import { InvariantError } from '../../model/errors.ts';
import type { RowBatch } from '../source.ts';
import { batchOf, type Numbering } from './batches.ts';
import type { Bookmark } from './bookmark.ts';
import { completed, type CompletionIo } from './completion.ts';
import { SyncRefused, syncChanges, type SyncSearch } from './content-sync.ts';
import type { LdapClient } from './client.ts';
import { readEntry } from './entry.ts';
import { and, compileFilter } from './filter.ts';
import { handleIn, identityHandle } from './identity.ts';
import { anyOf, ChangesRefused, dirSyncChanges, hasContainer, usnChanges } from './object-changes.ts';
import { pagedSearch } from './paged.ts';
import type { DirectoryPart } from './parts.ts';
import type { RootDse } from './root-dse.ts';
import { containersOf, syncSearchOf } from './searches.ts';
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

/** The entries that a reading gave of each part, as their bytes. */
export type Given = ReadonlyMap<DirectoryPart['part'], readonly Buffer[]>;

export interface Changes {
  readonly batches: readonly RowBatch[];
  /** What stands in the batches. */
  readonly given: Given;
  readonly bookmark: Bookmark;
}

const mostChanges = 20_000;
/** Identities in one filter. */
const idsAtOnce = 100;

/**
 * What changed since a bookmark. All of it is in hand before any of it is given away, so that a refusal half way costs nothing.
 *
 * @throws SyncRefused, ChangesRefused where everything must be read instead; IncompleteReading
 */
export async function changesSince(io: DirectoryIo, bookmark: Bookmark, signal: AbortSignal): Promise<Changes> {
  if (bookmark.way === 'sync') return syncedChanges(io, bookmark.cookies, signal);
  const { client, dse, timeoutMs, pageSize } = io;
  if (bookmark.way === 'dirSync') {
    const attributes = io.parts.flatMap((part) => part.attributes);
    const { ids, mark } = await dirSyncChanges({ client, dse, timeoutMs }, Buffer.from(bookmark.cookie, 'base64'), attributes, signal);
    return { ...await objectBatches(io, [...ids.values()], signal), bookmark: { way: 'dirSync', cookie: mark.toString('base64') } };
  }
  if (bookmark.controller !== dse.dsServiceName) throw new ChangesRefused('another domain controller answered, and each counts its changes for itself');
  const { ids, mark } = await usnChanges({ client, dse, timeoutMs }, BigInt(bookmark.usn), pageSize, signal);
  return { ...await objectBatches(io, [...ids.values()], signal), bookmark: { ...bookmark, usn: mark.toString() } };
}

async function syncedChanges(io: DirectoryIo, cookies: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Changes> {
  const next: Record<string, string> = {};
  const changed = async (name: string, search: SyncSearch): ReturnType<typeof syncChanges> => {
    const cookie = cookies[name];
    if (cookie === undefined) throw new SyncRefused(`no cookie for ${name}`);
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
  const given = new Map<DirectoryPart['part'], readonly Buffer[]>();
  for (const part of io.parts) {
    const { entries, removed } = await changed(part.part, syncSearchOf(part, io.timeoutMs));
    const handles = [...removed].map(identityHandle);
    const numbering: Numbering = { next: 1 };
    batches.push(batchOf(part, await completed(part, [...entries.values()], io.completion, signal), numbering, handles));
    const dynamic = await dynamicGroups(io, part, signal);
    if (dynamic.length > 0) {
      const told = new Set([...entries.values()].map((bytes) => readEntry(bytes).dn));
      const others = dynamic.filter((bytes) => !told.has(readEntry(bytes).dn));
      batches.push(batchOf(part, await completed(part, others, io.completion, signal), numbering));
      given.set(part.part, [...entries.values(), ...others]);
    } else given.set(part.part, [...entries.values()]);
  }
  return { batches, given, bookmark: { way: 'sync', cookies: next } };
}

/** Groups whose members are whoever a search finds: their members change without them. */
async function dynamicGroups({ client, pageSize, timeoutMs }: DirectoryIo, part: DirectoryPart, signal: AbortSignal): Promise<readonly Buffer[]> {
  const { memberUrl } = part.rules.kind.groups;
  if (part.part === 'users' || memberUrl.length === 0) return [];
  const filter = and(part.filter, compileFilter(`(|${memberUrl.map((name) => `(${name}=*)`).join('')})`));
  const search = { base: part.base, scope: 'sub', filter, attributes: part.attributes, timeoutMs } as const;
  const all: Buffer[] = [];
  for await (const entries of pagedSearch(client, search, pageSize, signal)) all.push(...entries);
  return all;
}

/** What became of objects: those that a part's search still finds are read as in any reading, the others are gone from it. */
async function objectBatches(io: DirectoryIo, ids: readonly Buffer[], signal: AbortSignal): Promise<Omit<Changes, 'bookmark'>> {
  const { client, dse, timeoutMs, pageSize } = io;
  const batches: RowBatch[] = [];
  const given = new Map<DirectoryPart['part'], Buffer[]>(io.parts.map(({ part }) => [part, []]));
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const some = ids.slice(at, at + idsAtOnce);
    if (await hasContainer({ client, dse, timeoutMs }, some, signal)) throw new ChangesRefused('a container was made, renamed or moved');
    for (const part of io.parts) {
      const filter = and(part.filter, compileFilter(anyOf(some)));
      const search = { base: part.base, scope: 'sub', filter, attributes: part.attributes, timeoutMs } as const;
      const found: Buffer[] = [];
      for await (const entries of pagedSearch(client, search, pageSize, signal)) found.push(...entries);
      given.get(part.part)?.push(...found);
      const there = new Set(found.map((bytes) => handleIn(readEntry(bytes), part.rules.kind.id)));
      const gone = some.map((id) => handleOf(part, id)).filter((handle) => !there.has(handle));
      batches.push(batchOf(part, await completed(part, found, io.completion, signal), { next: 1 }, gone));
    }
  }
  return { batches: batches.sort((one, other) => order.indexOf(one.part) - order.indexOf(other.part)), given };
}

const order: readonly RowBatch['part'][] = ['users', 'groups', 'nested', 'memberships'];

function handleOf(part: DirectoryPart, id: Buffer): string {
  const text = idText(part.rules.kind.id.form, id);
  if (text === undefined) throw new InvariantError(`${id.toString('hex')} is no identity of the form ${part.rules.kind.id.form}`);
  return identityHandle(text);
}
