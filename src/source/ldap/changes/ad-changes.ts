import type { LdapClient } from '../protocol/client.ts';
import { ChangesUnavailable, maxChanges } from './changes-unavailable.ts';
import { searchError } from '../protocol/search-error.ts';
import { dirSyncResponse, dirSyncFlags, dirSyncRequest, pagedControl, showDeleted } from '../protocol/controls.ts';
import { readEntry, type Entry } from '../protocol/entry.ts';
import { and, anyOf, matchAll, compileFilter, matchNone, type Filter } from '../protocol/filter.ts';
import { pagedSearch } from '../protocol/paged.ts';
import { searchForAny, runSearch } from '../protocol/run-search.ts';
import { readEntryByDn, type RootDse } from '../protocol/root-dse.ts';

/**
 * Objects that changed since a cursor, by the 16 bytes of their immutable ID, and the cursor of the next read. Their
 * attributes are read afterwards.
 */
export interface ObjectChanges<Cursor> {
  readonly ids: ReadonlyMap<string, Buffer>;
  readonly cursor: Cursor;
}

/** Requested limit of one DirSync response, in bytes; the server may send less. */
const maxResponseBytes = 4 * 1024 * 1024;

interface SearchDeps {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly timeoutMs: number;
}

/**
 * Changes by the DirSync control ([MS-ADTS] 3.1.1.3.4.1.3). The account needs the right "Replicating Directory
 * Changes".
 *
 * @param cookie undefined: return no changes, only the current cursor
 * @param attributes the attributes whose changes matter
 * @throws ChangesUnavailable
 */
export async function dirSyncChanges(
  { client, dse, timeoutMs }: SearchDeps,
  cookie: Buffer | undefined,
  attributes: readonly string[],
  signal: AbortSignal,
): Promise<ObjectChanges<Buffer>> {
  const root = dse.defaultNamingContext;
  if (root === undefined) throw new ChangesUnavailable('the server has no default naming context');
  const ids = new Map<string, Buffer>();
  let cursor = cookie ?? Buffer.alloc(0);
  for (;;) {
    const search = {
      // The control requires the base of a naming context. The filters of the parts are applied when the objects are
      // read.
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
    if (response === undefined) throw new ChangesUnavailable('the response has no DirSync control');
    cursor = response.cookie;
    if (!response.more) return { ids, cursor };
  }
}

/**
 * Changes by uSNChanged ([MS-ADTS] 3.1.1.1.9), with tombstones for deleted objects.
 *
 * @param since the last known number; undefined: return no changes, only the current number
 * @throws ChangesUnavailable where the account may not read tombstones, because deletions would go unnoticed
 */
export async function usnChanges(
  { client, dse, timeoutMs }: SearchDeps,
  since: bigint | undefined,
  pageSize: number,
  signal: AbortSignal,
): Promise<ObjectChanges<bigint>> {
  const root = dse.defaultNamingContext;
  if (root === undefined || dse.highestCommittedUsn === undefined)
    throw new ChangesUnavailable('the server does not publish highestCommittedUSN');
  const cursor = BigInt(dse.highestCommittedUsn);
  await requireTombstones(client, root, timeoutMs, signal);
  const ids = new Map<string, Buffer>();
  if (since === undefined) return { ids, cursor };
  if (since > cursor) throw new ChangesUnavailable('highestCommittedUSN has decreased');
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
 * Checks that the account can read tombstones. Many accounts see the container of deleted objects but nothing in it, so
 * the check needs one tombstone; a domain without any is always read in full.
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
  if (!hasEntry) throw new ChangesUnavailable('the bind account cannot read deleted objects');
}

/**
 * The invocationId of the domain controller's database. A database restored from a backup has another one, and change
 * numbers of its own, under the same server name ([MS-ADTS] 3.1.1.1.9).
 *
 * @throws ChangesUnavailable where the account may not read it
 */
export async function readInvocationId({ client, dse, timeoutMs }: SearchDeps, signal: AbortSignal): Promise<string> {
  const entry =
    dse.dsServiceName === undefined
      ? undefined
      : await readEntryByDn(client, dse.dsServiceName, ['invocationId'], timeoutMs, signal);
  const value = entry?.attributes.get('invocationid')?.values[0];
  if (value === undefined)
    throw new ChangesUnavailable('the bind account may not read the invocationId of the domain controller');
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

/**
 * Whether one of these objects is a container. A renamed container renames its descendants, which the server does not
 * report.
 */
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

/** Matches the entries with these objectGUIDs. */
export const guidFilter = (ids: readonly Buffer[]): Filter => anyOf('objectGUID', ids);

function addId(ids: Map<string, Buffer>, entry: Entry): void {
  const id = entry.attributes.get('objectguid')?.values[0];
  if (id !== undefined) ids.set(id.toString('hex'), id);
}
