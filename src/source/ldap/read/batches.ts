import { hash } from 'node:crypto';
import { InvariantError } from '../../../model/errors.ts';
import type { RowBatch } from '../../source.ts';
import { readEntry } from '../protocol/entry.ts';
import type { PartSearch } from './part-searches.ts';
import type { Completion } from './rows.ts';

/** The first half of a SHA-256, in bytes, as for CSV rows. */
const digestSize = 16;

/** The bytes of an entry, and the values that had to be requested separately. */
export interface RawEntry {
  readonly bytes: Buffer;
  readonly completion?: Completion | undefined;
}

/** Numbers the entries of a part, for messages. */
export interface EntryCounter {
  next: number;
}

/** Entries as rows. Entries are parsed on request only: an unchanged entry costs its digest and no more. */
export function toBatch(
  part: PartSearch,
  raw: readonly RawEntry[],
  counter: EntryCounter,
  removed?: readonly string[],
): RowBatch {
  const first = counter.next;
  counter.next += raw.length;
  return {
    part: part.part,
    rows: raw.map((row, index) => ({ line: first + index, digest: digestOf(row) })),
    parse(indices) {
      return indices.map((index) => {
        const row = raw[index];
        if (row === undefined) throw new InvariantError(`entry ${index} was requested from a batch of ${raw.length}`);
        return part.readRow(readEntry(row.bytes), first + index, row.completion);
      });
    },
    removed,
  };
}

function digestOf({ bytes, completion }: RawEntry): Buffer {
  if (completion === undefined) return hash('sha256', bytes, 'buffer').subarray(0, digestSize);
  const ranged = [...(completion.ranged ?? [])].flatMap(([name, values]) => [
    Buffer.from(`\0${name}`),
    ...values.flatMap((value) => [Buffer.from([0]), value]),
  ]);
  const content = Buffer.concat([
    bytes,
    Buffer.from(`\0${completion.problem ?? ''}\0${completion.memberDns.join('\0')}`),
    ...ranged,
  ]);
  return hash('sha256', content, 'buffer').subarray(0, digestSize);
}
