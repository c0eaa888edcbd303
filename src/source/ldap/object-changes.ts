import type { LdapClient } from './client.ts';
import { complain } from './complaint.ts';
import { dirSyncAnswer, dirSyncFlags, dirSyncRequest, showDeleted } from './controls.ts';
import { readEntry, type Entry } from './entry.ts';
import { compileFilter } from './filter.ts';
import { pagedSearch } from './paged.ts';
import { resultOf } from './result.ts';
import type { RootDse } from './root-dse.ts';

/** Objects of which something changed, by the 16 bytes of their objectGUID, and where to go on. What became of them is read afterwards. */
export interface ObjectChanges<Mark> {
  readonly ids: ReadonlyMap<string, Buffer>;
  readonly mark: Mark;
}

/** The server does not tell changes to this account, or not from this mark. */
export class ChangesRefused extends Error {
  override readonly name = 'ChangesRefused';
}

/** Whatever can make a difference to people and groups, or to the names of many of them at once. */
const relevant = compileFilter('(|(objectClass=user)(objectClass=group)(objectClass=organizationalUnit)(objectClass=container)(objectClass=builtinDomain))');
const nobody = compileFilter('(!(objectClass=*))');
/** More is read whole at hardly more cost. */
const mostChanges = 20_000;
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
  { client, dse, timeoutMs }: Asked, cookie: Buffer | undefined, attributes: readonly string[], signal: AbortSignal,
): Promise<ObjectChanges<Buffer>> {
  const root = dse.defaultNamingContext;
  if (root === undefined) throw new ChangesRefused('the server names no default naming context');
  const ids = new Map<string, Buffer>();
  let mark = cookie ?? Buffer.alloc(0);
  for (;;) {
    const search = {
      base: root, scope: 'sub', filter: cookie === undefined ? nobody : relevant, timeoutMs,
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
  { client, dse, timeoutMs }: Asked, since: bigint | undefined, pageSize: number, signal: AbortSignal,
): Promise<ObjectChanges<bigint>> {
  const root = dse.defaultNamingContext;
  if (root === undefined || dse.highestCommittedUsn === undefined) throw new ChangesRefused('the server tells no change numbers');
  const mark = BigInt(dse.highestCommittedUsn);
  await requireTombstones(client, root, timeoutMs, signal);
  const ids = new Map<string, Buffer>();
  if (since === undefined) return { ids, mark };
  if (since > mark) throw new ChangesRefused('the change numbers have gone back');
  const filter = compileFilter(`(&${relevant.text}(uSNChanged>=${since + 1n}))`);
  const search = { base: root, scope: 'sub', filter, attributes: ['objectGUID'], controls: [showDeleted], timeoutMs } as const;
  for await (const entries of pagedSearch(client, search, pageSize, signal)) {
    for (const bytes of entries) noteId(ids, readEntry(bytes));
    if (ids.size > mostChanges) throw new ChangesRefused(`more than ${mostChanges} changes`);
  }
  return { ids, mark };
}

/** The container of deleted objects is shown to those who may read it, and to nobody else. */
async function requireTombstones(client: LdapClient, root: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const search = {
    base: `CN=Deleted Objects,${root}`, scope: 'base', filter: compileFilter('(objectClass=*)'), attributes: ['objectGUID'], controls: [showDeleted], timeoutMs,
  } as const;
  let isShown = false;
  await resultOf(client, search, signal, (items) => {
    isShown ||= items.some(({ kind }) => kind === 'entry');
  });
  if (!isShown) throw new ChangesRefused('this account may not see deleted objects, so that changes could not tell who is gone');
}

/** Whether one of these objects holds others: what was renamed or moved with it is told nowhere. */
export async function hasContainer({ client, dse, timeoutMs }: Asked, ids: readonly Buffer[], signal: AbortSignal): Promise<boolean> {
  const some = anyOf(ids);
  const filter = compileFilter(`(&(|(objectClass=organizationalUnit)(objectClass=container)(objectClass=builtinDomain))${some})`);
  const search = { base: dse.defaultNamingContext ?? '', scope: 'sub', filter, attributes: ['1.1'], timeoutMs } as const;
  let isThere = false;
  const done = await resultOf(client, search, signal, (items) => {
    isThere ||= items.some(({ kind }) => kind === 'entry');
  });
  if (done.code !== 0) throw complain(client.url, search, done);
  return isThere;
}

/** An RFC 4515 filter for any of these objects. */
export function anyOf(ids: readonly Buffer[]): string {
  return `(|${ids.map((id) => `(objectGUID=${id.toString('hex').replace(/../g, (pair) => `\\${pair}`)})`).join('')})`;
}

function noteId(ids: Map<string, Buffer>, entry: Entry): void {
  const id = entry.attributes.get('objectguid')?.values[0];
  if (id !== undefined) ids.set(id.toString('hex'), id);
}
