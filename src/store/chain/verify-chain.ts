import type { Db } from '../database.ts';
import type { ChainEntry } from './chain.ts';
import type { ChainReport } from './chain-interface.ts';
import { isChained, openFacts } from './facts.ts';
import { decodeItems, entryHash, noHash, type ChainItem } from './items.ts';

const entriesPerPage = 100;

/** More findings than these show nothing new. */
const maxFindings = 100;

/** The last entry of the chain. */
export function chainHead(db: Db): ChainReport['head'] {
  const row = db.prepare('select seq, hash from chain_entry order by seq desc limit 1').get() as
    Pick<ChainEntry, 'seq' | 'hash'> | undefined;
  return row === undefined ? undefined : { seq: row.seq, hash: row.hash.toString('hex') };
}

/** Compares the chain with itself, and the journal with the chain. */
export function verifyChain(db: Db): ChainReport {
  const findings: string[] = [];
  const find = (text: string): void => {
    if (findings.length < maxFindings) findings.push(text);
  };
  const later = readLinks(db, find);
  const counts = compareJournal(db, later, find);
  const waiting = db.prepare('select count(*) from pass where id > ? and ended is not null').pluck();
  return {
    ...{ head: chainHead(db), ...counts, cut: later.cut, findings },
    waiting: waiting.get(counts.lastPass) as number,
  };
}

/** What later entries state about earlier ones. */
interface Later {
  readonly operations: ReadonlyMap<number, Buffer>;
  readonly passes: ReadonlyMap<number, Buffer>;
  readonly removed: ReadonlySet<number>;
  readonly cut: number;
}

function* entriesOf(db: Db): Generator<ChainEntry> {
  const select = db.prepare('select seq, content, hash from chain_entry where seq > ? order by seq limit ?');
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const page = select.all(after, entriesPerPage) as ChainEntry[];
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

/** Checks the hashes of the entries, from the first that the retention left. */
function readLinks(db: Db, find: (text: string) => void): Later {
  const operations = new Map<number, Buffer>();
  const passes = new Map<number, Buffer>();
  const removed = new Set<number>();
  let cut = 0;
  let dropped: ChainItem | undefined;
  let first: ChainEntry | undefined;
  let last: ChainEntry | undefined;
  const take = (item: ChainItem): void => {
    if (item.kind === 'amended') operations.set(item.id, item.hash);
    if (item.kind === 'amendedPass') passes.set(item.id, item.hash);
    if (item.kind === 'removed') removed.add(item.id);
    if (item.kind === 'cut') cut = Math.max(cut, item.id);
    if (item.kind === 'dropped') dropped = item;
  };
  for (const entry of entriesOf(db)) {
    if (last !== undefined) requireLink(last, entry, find);
    first ??= entry;
    decodeItems(entry.content)?.forEach(take);
    last = entry;
  }
  if (first !== undefined) requireBegin(first, dropped, find);
  return { operations, passes, removed, cut };
}

function requireLink(last: ChainEntry, { seq, content, hash }: ChainEntry, find: (text: string) => void): void {
  if (seq !== last.seq + 1) find(`entries ${last.seq + 1} to ${seq - 1} of the chain are missing`);
  else if (!entryHash(last.hash, seq, content).equals(hash)) find(`entry ${seq} of the chain was changed`);
}

/** The first entry follows what the retention dropped, or nothing. */
function requireBegin(
  { seq, content, hash }: ChainEntry,
  dropped: ChainItem | undefined,
  find: (text: string) => void,
): void {
  if ((dropped?.id ?? 0) !== seq - 1)
    find(`the entries before ${seq} of the chain are missing, and the retention did not remove them`);
  else if (!entryHash(dropped?.hash ?? noHash, seq, content).equals(hash))
    find(`entry ${seq} of the chain was changed, or does not follow the cut of the retention`);
}

/** Compares the operations and passes of the journal with the entries. */
function compareJournal(
  db: Db,
  later: Later,
  find: (text: string) => void,
): { readonly operations: number; readonly passes: number; readonly lastPass: number } {
  const facts = openFacts(db);
  const idsOfPass = db.prepare(`select o.id from operation o where o.pass = ? and ${isChained('o')}`).pluck();
  const seen = new Set<number>();
  let ofPass: ChainItem[] = [];
  let operations = 0;
  const comparePass = ({ id: pass, hash }: ChainItem): void => {
    const expected = new Map(ofPass.map(({ id, hash: own }) => [id, later.operations.get(id) ?? own]));
    const ids = [...expected.keys()];
    for (const { id, hash: current } of facts.operations(ids)) {
      if (!expected.get(id)?.equals(current)) find(`operation ${id} of pass ${pass} was changed`);
      expected.delete(id);
    }
    for (const id of expected.keys())
      if (!later.removed.has(id) && pass > later.cut) find(`operation ${id} of pass ${pass} was removed`);
    const known = new Set(ids);
    for (const id of idsOfPass.all(pass) as number[])
      if (!known.has(id) && !later.operations.has(id)) find(`operation ${id} of pass ${pass} was inserted`);
    const current = facts.pass(pass);
    if (current === undefined) {
      if (pass > later.cut) find(`pass ${pass} was removed`);
    } else if (!(later.passes.get(pass) ?? hash).equals(current.hash)) find(`pass ${pass} was changed`);
  };
  for (const { content } of entriesOf(db))
    for (const item of decodeItems(content) ?? []) {
      if (item.kind === 'operation') {
        ofPass.push(item);
        operations += 1;
      }
      if (item.kind !== 'pass') continue;
      comparePass(item);
      seen.add(item.id);
      ofPass = [];
    }
  const lastPass = [...seen].reduce((one, other) => Math.max(one, other), 0);
  const mark = db.prepare(`select mark from retention_mark where step = 'chainPass'`).pluck().get() as
    number | undefined;
  if (mark !== undefined && mark > Math.max(lastPass, later.cut))
    find(`the end of the chain is missing: it had the passes up to ${mark}`);
  const inserted = db.prepare('select id from pass where id <= ? and id > ?').pluck();
  for (const id of inserted.all(lastPass, later.cut) as number[]) if (!seen.has(id)) find(`pass ${id} was inserted`);
  return { operations, passes: seen.size, lastPass };
}
