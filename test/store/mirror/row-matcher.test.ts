import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BitSet } from '../../../src/store/mirror/bit-set.ts';
import { RowMatcher, type DigestIndex } from '../../../src/store/mirror/row-matcher.ts';
import { seededRandom, shuffled, randomInt } from '../../world/random.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest().subarray(0, 16);

/** Rows of the last reading, and how often they were looked up one by one. */
function rows(
  texts: readonly string[],
): DigestIndex & { looked: number; readonly idOf: (text: string) => number | undefined } {
  const all = texts.map((text, index) => ({ id: 10 + 3 * index, digest: digest(text) }));
  const byText = new Map(texts.map((text, index) => [text, 10 + 3 * index]));
  const byDigest = new Map(all.map((row) => [row.digest.toString('hex'), row.id]));
  return {
    looked: 0,
    idOf: (text) => byText.get(text),
    pageAfter: (id, limit) => {
      const first = all.findIndex((row) => row.id > id);
      const page = first === -1 ? [] : all.slice(first, first + limit);
      return { ids: page.map((row) => row.id), digests: Buffer.concat(page.map((row) => row.digest)) };
    },
    maxRows: () => all.at(-1)?.id ?? 0,
    find(wanted) {
      this.looked += 1;
      return byDigest.get(wanted.toString('hex'));
    },
  };
}

function matchAll(index: DigestIndex, texts: readonly string[]): (number | undefined)[] {
  const sequence = new RowMatcher(index);
  return texts.map((text) => sequence.match(digest(text)));
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `row ${index}`);

describe('walking the last reading beside the new one', () => {
  test('finds exactly the rows whose digest was there, whatever was edited', () => {
    const edit = fc.record({
      kind: fc.constantFrom('insert', 'delete', 'change', 'swap', 'twice'),
      at: fc.nat(),
      to: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2500 }),
        fc.array(edit, { maxLength: 30 }),
        fc.boolean(),
        fc.nat(),
        (count, changes, shuffle, seed) => {
          const before = numbered(count);
          let after = [...before];
          for (const [index, { kind, at, to }] of changes.entries()) {
            const place = after.length === 0 ? 0 : at % after.length;
            const other = after.length === 0 ? 0 : to % after.length;
            if (kind === 'insert') after.splice(place, 0, `new ${index}`);
            else if (after.length === 0) continue;
            else if (kind === 'delete') after.splice(place, 1 + (to % 50));
            else if (kind === 'change') after[place] = `changed ${index}`;
            else if (kind === 'twice') after.splice(other, 0, after[place] ?? '');
            else [after[place], after[other]] = [after[other] ?? '', after[place] ?? ''];
          }
          if (shuffle) after = shuffled(seededRandom(seed), after);
          const index = rows(before);
          expect(matchAll(index, after)).toEqual(after.map((text) => index.idOf(text)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each<[string, (all: string[]) => string[], number]>([
    ['the same order', (all) => all, 0],
    ['a row inserted at the front', (all) => ['new', ...all], 1],
    ['a row deleted', (all) => all.filter((_, index) => index !== 5), 1],
    ['a row changed', (all) => all.map((row, index) => (index === 5 ? 'changed' : row)), 2],
    ['a row moved to the end', (all) => [...all.slice(1), all[0] ?? ''], 2],
    ['rows added at the end', (all) => [...all, 'new 1', 'new 2'], 2],
    ['the second half first', (all) => [...all.slice(2500), ...all.slice(0, 2500)], 140],
  ])('%s costs hardly a look-up', (_, change, most) => {
    const before = numbered(5000);
    const index = rows(before);
    const after = change(before);
    expect(matchAll(index, after)).toEqual(after.map((text) => index.idOf(text)));
    expect(index.looked).toBeLessThanOrEqual(most);
  });

  test('rows in another order cost at most a look-up each', () => {
    const random = seededRandom(7);
    const before = numbered(3000);
    const index = rows(before);
    const after = [...before].sort(() => randomInt(random, 3) - 1);
    matchAll(index, after);
    expect(index.looked).toBeLessThanOrEqual(3000);
  });
});

test('a set of row ids remembers exactly what was added', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(50), fc.nat(200_000)), { maxLength: 200 }), (ids) => {
      const seen = new BitSet();
      const model = new Set<number>();
      for (const id of ids) {
        expect(seen.add(id)).toBe(!model.has(id));
        model.add(id);
      }
      for (const id of ids)
        for (const near of [id - 1, id, id + 1, id + 8]) if (near >= 0) expect(seen.has(near)).toBe(model.has(near));
    }),
  );
});
