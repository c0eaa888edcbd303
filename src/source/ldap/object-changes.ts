import type { LdapClient } from './client.ts';
import { complain } from './complaint.ts';
import { dirSyncAnswer, dirSyncFlags, dirSyncRequest, pagedControl, showDeleted } from './controls.ts';
import { readEntry, type Entry } from './entry.ts';
import { and, anyOf, anything, compileFilter, nobody, type Filter } from './filter.ts';
import { pagedSearch } from './paged.ts';
import { findsAny, resultOf } from './result.ts';
import { readOne, type RootDse } from './root-dse.ts';

/** Objects of which something changed, by the 16 bytes of their objectGUID, and where to go on. What became of them is read afterwards. */
export interface ObjectChanges<Mark> {
  readonly ids: ReadonlyMap<string, Buffer>;
  readonly mark: Mark;
}

/** The server does not tell changes to this account, or not from this mark. */
export class ChangesRefused extends Error {
  override readonly name = 'ChangesRefused';
}

/** More is read whole at hardly more cost. */
export const mostChanges = 20_000;
/** In bytes; the server may give less. */
const answerSize = 4 * 1024 * 1024;

interface Asked {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly timeoutMs: number;
}

/**
 * Changes by the DirSync control ([MS-ADTS] 3.1.1.3.4.1.3). It needs the right to replicate directory changes.
 *
 * @param cookie undefined: nothing is told, and the answer's mark is where things stand now
 * @param attributes that make a difference
 * @throws ChangesRefused
 */
export async function dirSyncChanges(
  { client, dse, timeoutMs }: Asked,
  cookie: Buffer | undefined,
  attributes: readonly string[],
  signal: AbortSignal,
): Promise<ObjectChanges<Buffer>> {
  const root = dse.defaultNamingContext;
  if (root === undefined) throw new ChangesRefused('the server names no default naming context');
  const ids = new Map<string, Buffer>();
  let mark = cookie ?? Buffer.alloc(0);
  for (;;) {
    const search = {
      // What is a person or a group is for the parts' own filters to say.
      base: root,
      scope: 'sub',
      filter: cookie === undefined ? nobody : anything,
      timeoutMs,
      attributes: [...new Set([...attributes, 'objectGUID', 'isDeleted', 'name', 'objectClass', 'instanceType'])],
      controls: [dirSyncRequest(dirSyncFlags.incrementalValues, answerSize, mark)],
    } as const;
    const { code, message, controls } = await resultOf(client, search, signal, (items) => {
      for (const item of items) if (item.kind === 'entry') noteId(ids, readEntry(item.bytes));
      if (ids.size > mostChanges) throw new ChangesRefused(`more than ${mostChanges} changes`);
    });
    if (code !== 0) throw new ChangesRefused(`DirSync: result code ${code} ${message}`);
    const answer = dirSyncAnswer(controls);
    if (answer === undefined) throw new ChangesRefused('the server answered without the DirSync control');
    mark = answer.cookie;
    if (!answer.more) return { ids, mark };
  }
}

/**
 * Changes by change numbers, and tombstones for what was deleted.
 *
 * @param since the highest number that is known already; undefined: only where things stand now
 * @throws ChangesRefused where this account may not see tombstones: who was deleted would never be told
 */
export async function usnChanges(
  { client, dse, timeoutMs }: Asked,
  since: bigint | undefined,
  pageSize: number,
  signal: AbortSignal,
): Promise<ObjectChanges<bigint>> {
  const root = dse.defaultNamingContext;
  if (root === undefined || dse.highestCommittedUsn === undefined)
    throw new ChangesRefused('the server tells no change numbers');
  const mark = BigInt(dse.highestCommittedUsn);
  await requireTombstones(client, root, timeoutMs, signal);
  const ids = new Map<string, Buffer>();
  if (since === undefined) return { ids, mark };
  if (since > mark) throw new ChangesRefused('the change numbers have gone back');
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
    for (const bytes of entries) noteId(ids, readEntry(bytes));
    if (ids.size > mostChanges) throw new ChangesRefused(`more than ${mostChanges} changes`);
  }
  return { ids, mark };
}

/**
 * The container of deleted objects is shown to many who see nothing in it. A domain in which nothing was ever deleted cannot tell, and is read whole.
 *
 * @throws ChangesRefused
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
  const { isThere } = await findsAny(client, search, signal);
  if (!isThere)
    throw new ChangesRefused('this account sees no deleted objects, so that changes could not tell who is gone');
}

/**
 * Which database of a domain controller counts the changes: one that comes back from a backup counts anew under the same name
 * ([MS-ADTS] 3.1.1.1.9).
 *
 * @throws ChangesRefused where this account may not see it
 */
export async function invocationOf({ client, dse, timeoutMs }: Asked, signal: AbortSignal): Promise<string> {
  const entry =
    dse.dsServiceName === undefined
      ? undefined
      : await readOne(client, dse.dsServiceName, ['invocationId'], timeoutMs, signal);
  const value = entry?.attributes.get('invocationid')?.values[0];
  if (value === undefined)
    throw new ChangesRefused('this account may not see which domain controller counts the changes');
  return value.toString('hex');
}

const containers = anyOf('objectClass', [
  'organizationalUnit',
  'container',
  'builtinDomain',
  'organization',
  'country',
  'locality',
]);

/** Whether one of these objects holds others: what was renamed or moved with it is told nowhere. */
export async function hasContainer(
  { client, dse, timeoutMs }: Asked,
  ids: readonly Buffer[],
  signal: AbortSignal,
): Promise<boolean> {
  const search = {
    base: dse.defaultNamingContext ?? '',
    scope: 'sub',
    filter: and(containers, anyGuid(ids)),
    attributes: ['1.1'],
    timeoutMs,
  } as const;
  const { isThere, done } = await findsAny(client, search, signal);
  if (done.code !== 0) throw complain(client.url, search, done);
  return isThere;
}

export const anyGuid = (ids: readonly Buffer[]): Filter => anyOf('objectGUID', ids);

function noteId(ids: Map<string, Buffer>, entry: Entry): void {
  const id = entry.attributes.get('objectguid')?.values[0];
  if (id !== undefined) ids.set(id.toString('hex'), id);
}
