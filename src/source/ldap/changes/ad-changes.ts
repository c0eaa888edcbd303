import type { LdapClient } from '../protocol/client.ts';
import { searchError } from '../protocol/error-text.ts';
import { dirSyncResponse, dirSyncFlags, dirSyncRequest, pagedControl, showDeleted } from '../protocol/controls.ts';
import { readEntry, type Entry } from '../protocol/entry.ts';
import { and, anyOf, matchAll, compileFilter, matchNone, type Filter } from '../protocol/filter.ts';
import { pagedSearch } from '../protocol/paged.ts';
import { searchForAny, runSearch } from '../protocol/search-result.ts';
import { readEntryByDn, type RootDse } from '../protocol/root-dse.ts';

/** Objects of which something changed, by the 16 bytes of their objectGUID, and where to go on. What became of them is read afterwards. */
export interface ObjectChanges<Cursor> {
  readonly ids: ReadonlyMap<string, Buffer>;
  readonly cursor: Cursor;
}

/** The server does not tell changes to this account, or not from this cursor. */
export class ChangesUnavailable extends Error {
  override readonly name = 'ChangesUnavailable';
}

/** More is read whole at hardly more cost. */
export const maxChanges = 20_000;
/** In bytes; the server may give less. */
const maxResponseBytes = 4 * 1024 * 1024;

interface SearchDeps {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly timeoutMs: number;
}

/**
 * Changes by the DirSync control ([MS-ADTS] 3.1.1.3.4.1.3). It needs the right to replicate directory changes.
 *
 * @param cookie undefined: nothing is told, and the answer's cursor is where things stand now
 * @param attributes that make a difference
 * @throws ChangesUnavailable
 */
export async function dirSyncChanges(
  { client, dse, timeoutMs }: SearchDeps,
  cookie: Buffer | undefined,
  attributes: readonly string[],
  signal: AbortSignal,
): Promise<ObjectChanges<Buffer>> {
  const root = dse.defaultNamingContext;
  if (root === undefined) throw new ChangesUnavailable('the server names no default naming context');
  const ids = new Map<string, Buffer>();
  let cursor = cookie ?? Buffer.alloc(0);
  for (;;) {
    const search = {
      // What is a person or a group is for the parts' own filters to say.
      base: root,
      scope: 'sub',
      filter: cookie === undefined ? matchNone : matchAll,
      timeoutMs,
      attributes: [...new Set([...attributes, 'objectGUID', 'isDeleted', 'name', 'objectClass', 'instanceType'])],
      controls: [dirSyncRequest(dirSyncFlags.incrementalValues, maxResponseBytes, cursor)],
    } as const;
    const { code, message, controls } = await runSearch(client, search, signal, (items) => {
      for (const item of items) if (item.kind === 'entry') addId(ids, readEntry(item.bytes));
      if (ids.size > maxChanges) throw new ChangesUnavailable(`more than ${maxChanges} changes`);
    });
    if (code !== 0) throw new ChangesUnavailable(`DirSync: result code ${code} ${message}`);
    const response = dirSyncResponse(controls);
    if (response === undefined) throw new ChangesUnavailable('the server answered without the DirSync control');
    cursor = response.cookie;
    if (!response.more) return { ids, cursor };
  }
}

/**
 * Changes by change numbers, and tombstones for what was deleted.
 *
 * @param since the highest number that is known already; undefined: only where things stand now
 * @throws ChangesUnavailable where this account may not see tombstones: who was deleted would never be told
 */
export async function usnChanges(
  { client, dse, timeoutMs }: SearchDeps,
  since: bigint | undefined,
  pageSize: number,
  signal: AbortSignal,
): Promise<ObjectChanges<bigint>> {
  const root = dse.defaultNamingContext;
  if (root === undefined || dse.highestCommittedUsn === undefined)
    throw new ChangesUnavailable('the server tells no change numbers');
  const cursor = BigInt(dse.highestCommittedUsn);
  await requireTombstones(client, root, timeoutMs, signal);
  const ids = new Map<string, Buffer>();
  if (since === undefined) return { ids, cursor };
  if (since > cursor) throw new ChangesUnavailable('the change numbers have gone back');
  const filter = compileFilter(`(uSNChanged>=${since + 1n})`);
  const search = {
    base: root,
    scope: 'sub',
    filter,
    attributes: ['objectGUID'],
    controls: [showDeleted],
    timeoutMs,
  } as const;
  for await (const entries of pagedSearch(client, search, pageSize, signal)) {
    for (const bytes of entries) addId(ids, readEntry(bytes));
    if (ids.size > maxChanges) throw new ChangesUnavailable(`more than ${maxChanges} changes`);
  }
  return { ids, cursor };
}

/**
 * The container of deleted objects is shown to many who see nothing in it. A domain in which nothing was ever deleted cannot tell, and is read whole.
 *
 * @throws ChangesUnavailable
 */
async function requireTombstones(
  client: LdapClient,
  root: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const search = {
    base: `CN=Deleted Objects,${root}`,
    scope: 'one',
    filter: compileFilter('(isDeleted=TRUE)'),
    attributes: ['1.1'],
    controls: [showDeleted, pagedControl(1, Buffer.alloc(0))],
    timeoutMs,
  } as const;
  const { hasEntry } = await searchForAny(client, search, signal);
  if (!hasEntry)
    throw new ChangesUnavailable('this account sees no deleted objects, so that changes could not tell who is gone');
}

/**
 * Which database of a domain controller counts the changes: one that comes back from a backup counts anew under the same name
 * ([MS-ADTS] 3.1.1.1.9).
 *
 * @throws ChangesUnavailable where this account may not see it
 */
export async function readInvocationId({ client, dse, timeoutMs }: SearchDeps, signal: AbortSignal): Promise<string> {
  const entry =
    dse.dsServiceName === undefined
      ? undefined
      : await readEntryByDn(client, dse.dsServiceName, ['invocationId'], timeoutMs, signal);
  const value = entry?.attributes.get('invocationid')?.values[0];
  if (value === undefined)
    throw new ChangesUnavailable('this account may not see which domain controller counts the changes');
  return value.toString('hex');
}

const containerClasses = anyOf('objectClass', [
  'organizationalUnit',
  'container',
  'builtinDomain',
  'organization',
  'country',
  'locality',
]);

/** Whether one of these objects holds others: what was renamed or moved with it is told nowhere. */
export async function hasContainer(
  { client, dse, timeoutMs }: SearchDeps,
  ids: readonly Buffer[],
  signal: AbortSignal,
): Promise<boolean> {
  const search = {
    base: dse.defaultNamingContext ?? '',
    scope: 'sub',
    filter: and(containerClasses, guidFilter(ids)),
    attributes: ['1.1'],
    timeoutMs,
  } as const;
  const { hasEntry, done } = await searchForAny(client, search, signal);
  if (done.code !== 0) throw searchError(client.url, search, done);
  return hasEntry;
}

export const guidFilter = (ids: readonly Buffer[]): Filter => anyOf('objectGUID', ids);

function addId(ids: Map<string, Buffer>, entry: Entry): void {
  const id = entry.attributes.get('objectguid')?.values[0];
  if (id !== undefined) ids.set(id.toString('hex'), id);
}
