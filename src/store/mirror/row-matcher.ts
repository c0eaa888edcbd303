/** A row of the last reading, by the digest of its bytes. */
export interface DigestRow {
  readonly id: number;
  readonly digest: Buffer;
}

/** Access to the rows of the last reading: in the order of their ids, and by digest. */
export interface DigestIndex {
  pageAfter(id: number, limit: number): readonly DigestRow[];
  find(digest: Buffer): number | undefined;
}

const pageSize = 1000;
/**
 * After this number of consecutive rows out of order, continue at the new position. Doubles after each move without a
 * match.
 */
const initialMissLimit = 64;

/**
 * Walks through the last reading in parallel with the new one.
 *
 * An export nearly always has the same order, so the next row is nearly always the expected one and costs one
 * comparison of 16 bytes. A row at another position costs one lookup. A row that is not found is new or changed.
 */
export class RowMatcher {
  private readonly index: DigestIndex;
  private page: readonly DigestRow[] = [];
  private position = 0;
  private lastId = 0;
  private misses = 0;
  private missLimit = initialMissLimit;
  private isAtEnd = false;

  constructor(index: DigestIndex) {
    this.index = index;
  }

  /** The id of a row of the last reading with the same bytes. */
  match(digest: Buffer): number | undefined {
    const expected = this.expected();
    if (expected?.digest.equals(digest) === true) {
      this.position += 1;
      this.misses = 0;
      this.missLimit = initialMissLimit;
      return expected.id;
    }
    const id = this.index.find(digest);
    if (id !== undefined) this.resynchronise(id);
    return id;
  }

  private expected(): DigestRow | undefined {
    if (this.position >= this.page.length && !this.isAtEnd) this.load(this.lastId);
    return this.page[this.position];
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
    const next = this.page[this.position];
    const last = this.page.at(-1);
    if (next === undefined || last === undefined || id < next.id || id > last.id) return -1;
    return this.page.findIndex((row) => row.id === id);
  }

  private load(after: number): void {
    this.page = this.index.pageAfter(after, pageSize);
    this.position = 0;
    this.isAtEnd = this.page.length === 0;
    this.lastId = this.page.at(-1)?.id ?? after;
  }
}
