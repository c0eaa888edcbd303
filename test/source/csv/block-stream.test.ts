import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { KnownBlocks } from '../../../src/source/source.ts';
import { isBlankRecord } from '../../../src/source/csv/blank-record.ts';
import { readBlocks } from '../../../src/source/csv/block-stream.ts';
import { readRecords } from '../../../src/source/csv/record-stream.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { editedCsv, randomCsv } from './random-csv.ts';

jest.setTimeout(randomRunsTimeoutMs);

const table = { part: 'users', delimiter: ',', name: 'people.csv' } as const;

async function* chunked(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

/** Each record as `line: text`, or the error of the reading. */
async function completely(text: string, chunkSize: number): Promise<readonly string[]> {
  const all: string[] = [];
  try {
    for await (const records of readRecords(chunked(text, chunkSize), ',', 'people.csv'))
      for (const { line, bytes } of records) if (!isBlankRecord(bytes, ',')) all.push(`${line}: ${bytes.toString()}`);
  } catch (error) {
    return [String(error)];
  }
  return all.slice(1);
}

interface Stored {
  readonly lines: number;
  /** The records with the distance of their line from the first line of the block. */
  readonly records: readonly (readonly [distance: number, text: string])[];
}

interface Result {
  readonly records: readonly string[];
  readonly blocks: ReadonlyMap<string, Stored>;
  readonly skipped: number;
}

/** The same by blocks. Records of known blocks are those of the earlier reading. */
async function byBlocks(text: string, chunkSize: number, earlier: ReadonlyMap<string, Stored>): Promise<Result> {
  const all: string[] = [];
  const blocks = new Map<string, Stored>();
  let line = 1;
  let skipped = 0;
  const known: KnownBlocks = {
    has: (_part, digest) => earlier.has(digest.toString('hex')),
    async skip(_part, digest) {
      const id = digest.toString('hex');
      const block = earlier.get(id);
      if (block === undefined) return undefined;
      for (const [distance, record] of block.records) all.push(`${line + distance}: ${record}`);
      blocks.set(id, block);
      line += block.lines;
      skipped += 1;
      return block.lines;
    },
  };
  try {
    for await (const list of readBlocks(chunked(text, chunkSize), table, known)) {
      let at = 0;
      for (const { digest, rows, lines } of list.blocks ?? []) {
        const records = list.records.slice(at, at + rows).map((one) => ({ ...one, text: one.bytes.toString() }));
        all.push(...records.map((one) => `${one.line}: ${one.text}`));
        if (digest !== undefined)
          blocks.set(digest.toString('hex'), {
            lines,
            records: records.map((one) => [one.line - line, one.text] as const),
          });
        line += lines;
        at += rows;
      }
      expect(at).toBe(list.records.length);
    }
  } catch (error) {
    return { records: [String(error)], blocks, skipped };
  }
  return { records: all, blocks, skipped };
}

test('a reading by blocks has the same records, lines and errors as a complete one, after any edits', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomCsv,
      fc.array(editedCsv, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(1000, 5000, 70_000, 262_144),
      async (first, edits, chunkSize) => {
        let text = first;
        let { records, blocks } = await byBlocks(text, chunkSize, new Map());
        expect(records).toEqual(await completely(text, chunkSize));
        for (const edit of edits) {
          text = edit(text);
          ({ records, blocks } = await byBlocks(text, chunkSize, blocks));
          expect(records).toEqual(await completely(text, chunkSize));
        }
      },
    ),
    randomRuns(60),
  );
});

test('one changed row leaves nearly all blocks as they were', async () => {
  const rows = Array.from({ length: 5000 }, (_, n) => `E${n},Person ${n},"Team ${n % 7}, ""floor"" ${n % 13}"`);
  const text = ['id,name,team', ...rows, ''].join('\n');
  const { blocks } = await byBlocks(text, 262_144, new Map());
  const edited = text.replace('Person 2500,', 'Another,').replace('E1000,Person 1000', 'E1000x,new\nE1000,Person 1000');
  const { records, skipped } = await byBlocks(edited, 262_144, blocks);
  expect(records).toEqual(await completely(edited, 262_144));
  expect(blocks.size).toBeGreaterThan(30);
  expect(skipped).toBeGreaterThan(blocks.size - 5);
});

test('a quotation mark that opens in a changed block takes the following blocks into its record', async () => {
  const rows = Array.from({ length: 2000 }, (_, n) => `E${n},Person ${n},"Team ${n % 7}"`);
  const text = ['id,name,team', ...rows, ''].join('\n');
  const { blocks } = await byBlocks(text, 262_144, new Map());
  const edited = text.replace('E300,', 'E300,"');
  const { records } = await byBlocks(edited, 262_144, blocks);
  expect(records).toEqual(await completely(edited, 262_144));
});
