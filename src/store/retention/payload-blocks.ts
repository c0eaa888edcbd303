import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Db } from '../database.ts';

/**
 * What the operations of a block set, as JSON: the edits of an update, the body of a create.
 *
 *     operation_payload          payload_block
 *     7  edits  body             7 … 70   [[7, edits], [8, body], …]   compressed
 *     8         body      ──▶
 *     …
 *
 * The bodies of one plan have equal paths and similar values, so that together they shrink to a tenth.
 */
type BlockContent = readonly (readonly [operation: number, payload: string])[];

/** Operations in a block: reading one of them unpacks all. */
export const operationsPerBlock = 64;

/** Packs the payloads of operations, in order of their ids, into one block. */
export function openPackBlock(db: Db): (payloads: BlockContent) => void {
  const insert = db.prepare('insert into payload_block (first_operation, last_operation, content) values (?, ?, ?)');
  const remove = db.prepare('delete from operation_payload where operation in (select value from json_each(?))');
  return (payloads) => {
    const [first] = payloads;
    const last = payloads.at(-1);
    if (first === undefined || last === undefined) return;
    insert.run(first[0], last[0], deflateRawSync(JSON.stringify(payloads)));
    remove.run(JSON.stringify(payloads.map(([id]) => id)));
  };
}

/** Opens the packed payloads, by the id of the operation. It keeps the last block, because pages read in order. */
export function openPackedPayloads(db: Db): (operation: number) => string | undefined {
  // A block that was packed later can lie within the operations of another one.
  const select = db.prepare(`
    select first_operation as first, content
    from payload_block
    where first_operation <= :operation
      and last_operation >= :operation
    order by first_operation desc`);
  let firstOfLast: number | undefined;
  let payloadsOfLast: ReadonlyMap<number, string> = new Map();
  return (operation) => {
    const known = payloadsOfLast.get(operation);
    if (known !== undefined) return known;
    for (const { first, content } of select.iterate({ operation }) as IterableIterator<{
      first: number;
      content: Buffer;
    }>) {
      if (first === firstOfLast) continue;
      const payloads = new Map(JSON.parse(inflateRawSync(content).toString()) as BlockContent);
      const payload = payloads.get(operation);
      if (payload === undefined) continue;
      firstOfLast = first;
      payloadsOfLast = payloads;
      return payload;
    }
    return undefined;
  };
}
