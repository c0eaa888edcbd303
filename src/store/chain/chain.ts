import type { Db } from '../database.ts';
import { openFacts } from './facts.ts';
import { decodeItems, encodeItems, entryHash, noHash, type ChainItem } from './items.ts';

/** Items of one entry, and of one slice: some milliseconds. */
const itemsPerEntry = 256;
/** Old entries that one slice looks at. */
const entriesPerSlice = 50;

/** An entry of the chain. */
export interface ChainEntry {
  readonly seq: number;
  readonly content: Buffer;
  readonly hash: Buffer;
}

/** Opens the chain of hashes for writing. The caller commits. */
export function openChain(db: Db) {
  const facts = openFacts(db);
  const selectHead = db.prepare('select seq, hash from chain_entry order by seq desc limit 1');
  const insert = db.prepare('insert into chain_entry (seq, content, hash) values (?, ?, ?)');
  const selectMark = db.prepare('select mark from retention_mark where step = ?').pluck();
  const saveMark = db.prepare('insert or replace into retention_mark (step, mark) values (?, ?)');
  const selectPass = db.prepare('select id, ended from pass where id > ? order by id limit 1');
  const selectEnded = db
    .prepare(
      `
      select o.id
      from operation o
      join pass p on p.id = o.pass
      where o.id in (select value from json_each(?))
        and p.ended is not null`,
    )
    .pluck();
  const selectOldest = db.prepare('select seq, content, hash from chain_entry order by seq limit ?');
  const deleteEntry = db.prepare('delete from chain_entry where seq = ?');
  const hasOperation = db.prepare('select 1 from operation where id = ?');
  const hasPass = db.prepare('select 1 from pass where id = ?');

  function append(items: readonly ChainItem[]): void {
    if (items.length === 0) return;
    const head = selectHead.get() as Pick<ChainEntry, 'seq' | 'hash'> | undefined;
    const seq = (head?.seq ?? 0) + 1;
    const content = encodeItems(items);
    insert.run(seq, content, entryHash(head?.hash ?? noHash, seq, content));
  }

  const isGone = ({ kind, id }: ChainItem): boolean => {
    if (kind === 'operation' || kind === 'amended') return hasOperation.get(id) === undefined;
    return (kind !== 'pass' && kind !== 'amendedPass') || hasPass.get(id) === undefined;
  };

  return {
    /** Appends the passes that ended, in order, with their operations. @returns whether there may be more */
    extend(): boolean {
      let pass = Number(selectMark.get('chainPass') ?? 0);
      let after = Number(selectMark.get('chainOperation') ?? 0);
      const items: ChainItem[] = [];
      while (items.length < itemsPerEntry) {
        const next = selectPass.get(pass) as { id: number; ended: number | null } | undefined;
        if (next === undefined || next.ended === null) break;
        const room = itemsPerEntry - items.length;
        const page = facts.page(next.id, after, room);
        items.push(...page);
        after = page.at(-1)?.id ?? after;
        if (page.length === room) break;
        items.push(...[facts.pass(next.id)].flatMap((item) => item ?? []));
        pass = next.id;
        after = 0;
      }
      if (items.length === 0) return false;
      append(items);
      saveMark.run('chainPass', pass);
      saveMark.run('chainOperation', after);
      return items.length >= itemsPerEntry;
    },
    /** States that facts of operations changed, after the change. Those of passes that run are not in the chain yet. */
    amend(operations: readonly number[], passes: readonly number[] = []): void {
      const ended = selectEnded.all(JSON.stringify(operations)) as number[];
      append([
        ...facts.operations(ended).map((item) => ({ ...item, kind: 'amended' as const })),
        ...passes.flatMap((pass) => facts.pass(pass) ?? []).map((item) => ({ ...item, kind: 'amendedPass' as const })),
      ]);
    },
    /** States that equal operations of later passes replace these. */
    remove(operations: readonly number[]): void {
      append(operations.map((id) => ({ kind: 'removed', id, hash: noHash })));
    },
    /** States that the retention may remove passes up to this one, and drops the oldest entries without a row. */
    cut(pass: number): void {
      if (pass <= Number(selectMark.get('chainCut') ?? 0)) return;
      saveMark.run('chainCut', pass);
      let last: ChainEntry | undefined;
      for (const entry of selectOldest.all(entriesPerSlice) as ChainEntry[]) {
        if (!(decodeItems(entry.content) ?? []).every(isGone)) break;
        last = entry;
        deleteEntry.run(entry.seq);
      }
      const dropped: readonly ChainItem[] =
        last === undefined ? [] : [{ kind: 'dropped', id: last.seq, hash: last.hash }];
      append([{ kind: 'cut', id: pass, hash: noHash }, ...dropped]);
    },
  };
}
