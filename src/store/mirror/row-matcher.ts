import { digestBytes, loadDigestTable, type DigestPage, type DigestTable } from './blocks/digest-table.ts';

/** Access to the rows of the last reading: in the order of their ids, and by digest. */
export interface DigestIndex {
  pageAfter(id: number, limit: number): DigestPage;
  find(digest: Buffer): number | undefined;
  /** At least the number of rows. */
  maxRows(): number;
}

const pageSize = 1000;
/**
 * After this number of consecutive rows out of order, continue at the new position. Doubles after each move without a
 * match.
 */
const initialMissLimit = 64;
/** After this number of look-ups, and one for each `rowsPerLookup` rows, the digests are loaded into memory. */
const minLookups = 2000;
const rowsPerLookup = 16;

/**
 * Walks through the last reading in parallel with the new one.
 *
 * An export nearly always has the same order, so the next row is nearly always the expected one and costs one
 * comparison of 16 bytes. A row at another position costs one lookup. A row that is not found is new or changed. A
 * file in another order needs a lookup for each row: then all digests are loaded, which costs less.
 */
export class RowMatcher {
  private readonly index: DigestIndex;
  private page: DigestPage = { ids: [], digests: Buffer.alloc(0) };
  private position = 0;
  private lastId = 0;
  private misses = 0;
  private missLimit = initialMissLimit;
  private isAtEnd = false;
  private lookups = 0;
  private knownMaxRows: number | undefined;
  private table: DigestTable | undefined;

  constructor(index: DigestIndex) {
    this.index = index;
  }

  /** The id of a row of the last reading with the same bytes. */
  match(digest: Buffer): number | undefined {
    if (this.table !== undefined) return this.table.find(digest);
    const expected = this.expected();
    const start = this.position * digestBytes;
    if (expected !== undefined && digest.compare(this.page.digests, start, start + digestBytes) === 0) {
      this.position += 1;
      this.misses = 0;
      this.missLimit = initialMissLimit;
      return expected;
    }
    const id = this.index.find(digest);
    this.lookups += 1;
    if (this.lookups >= minLookups && this.lookups * rowsPerLookup >= this.maxRows())
      this.table = loadDigestTable((after, limit) => this.index.pageAfter(after, limit));
    if (id !== undefined) this.resynchronise(id);
    return id;
  }

  private maxRows(): number {
    return (this.knownMaxRows ??= this.index.maxRows());
  }

  /** The id of the next row. */
  private expected(): number | undefined {
    if (this.position >= this.page.ids.length && !this.isAtEnd) this.load(this.lastId);
    return this.page.ids[this.position];
  }

  private resynchronise(id: number): void {
    const indexAhead = this.ahead(id);
    this.misses += 1;
    if (indexAhead !== -1) {
      this.position = indexAhead + 1;
      this.misses = 0;
    } else if (this.misses > this.missLimit) {
      this.load(id);
      this.misses = 0;
      this.missLimit *= 2;
    }
  }

  /** The position of the row further down this page; -1 if it is not there. */
  private ahead(id: number): number {
    const { ids } = this.page;
    const next = ids[this.position];
    const last = ids.at(-1);
    if (next === undefined || last === undefined || id < next || id > last) return -1;
    return ids.indexOf(id, this.position);
  }

  private load(after: number): void {
    this.page = this.index.pageAfter(after, pageSize);
    this.position = 0;
    this.isAtEnd = this.page.ids.length === 0;
    this.lastId = this.page.ids.at(-1) ?? after;
  }
}
