import { hash } from 'node:crypto';
import type { SourceKey } from '../../model/ids.ts';

/** Small numbers by key: 20 to 40 bytes for each key, however long it is. */
export interface KeyIndex {
  /** Undefined: the key has no number. */
  get(key: SourceKey): number | undefined;
  /** @param value from 0 to 65534 */
  set(key: SourceKey, value: number): void;
}

const initialPlaces = 1024;

/** Open addressing: each place has 64 bits of the digest of a key, and 1 + its number; 0: the place is free. */
interface Table {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly values: Uint16Array;
}

const emptyTable = (places: number): Table => ({
  high: new Uint32Array(places),
  low: new Uint32Array(places),
  values: new Uint16Array(places),
});

/** Two keys of a million have the same 64 bits of their SHA-256 once in 40 million directories. */
export function createKeyIndex(): KeyIndex {
  let table = emptyTable(initialPlaces);
  let size = 0;
  return {
    get(key) {
      const [high, low] = digestOf(key);
      const value = table.values[placeOf(table, high, low)] ?? 0;
      return value === 0 ? undefined : value - 1;
    },
    set(key, value) {
      const [high, low] = digestOf(key);
      const place = placeOf(table, high, low);
      if (table.values[place] === 0) size += 1;
      write(table, place, high, low, 1 + value);
      if (2 * size > table.values.length) table = doubled(table);
    },
  };
}

/** 64 bits of the digest of a key, in two halves. A digest as text costs a third of one as a buffer. */
function digestOf(key: SourceKey): readonly [high: number, low: number] {
  const text = hash('sha256', key, 'binary');
  const at = (index: number): number => text.charCodeAt(index);
  return [
    ((at(0) << 24) | (at(1) << 16) | (at(2) << 8) | at(3)) >>> 0,
    ((at(4) << 24) | (at(5) << 16) | (at(6) << 8) | at(7)) >>> 0,
  ];
}

/** Where the digest is, or where it can be written. */
function placeOf({ high, low, values }: Table, digestHigh: number, digestLow: number): number {
  const mask = values.length - 1;
  let place = digestLow & mask;
  while (values[place] !== 0 && (low[place] !== digestLow || high[place] !== digestHigh)) place = (place + 1) & mask;
  return place;
}

function write(
  { high, low, values }: Table,
  place: number,
  digestHigh: number,
  digestLow: number,
  value: number,
): void {
  high[place] = digestHigh;
  low[place] = digestLow;
  values[place] = value;
}

function doubled({ high, low, values }: Table): Table {
  const table = emptyTable(2 * values.length);
  for (const [place, value] of values.entries()) {
    if (value === 0) continue;
    const digest = [high[place] ?? 0, low[place] ?? 0] as const;
    write(table, placeOf(table, ...digest), ...digest, value);
  }
  return table;
}
