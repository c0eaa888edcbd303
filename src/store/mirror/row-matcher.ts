/** Rows of the last reading, with the digests of their bytes one after the other: one object for many rows. */
export interface DigestPage {
  readonly ids: readonly number[];
  /** `digestBytes` for each id. */
  readonly digests: Buffer;
}

/** Length of the digest of a row. */
export const digestBytes = 16;

/** Access to the rows of the last reading: in the order of their ids, and by digest. */
export interface DigestIndex {
  pageAfter(id: number, limit: number): DigestPage;
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
  private page: DigestPage = { ids: [], digests: Buffer.alloc(0) };
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
    const start = this.position * digestBytes;
    if (expected !== undefined && digest.compare(this.page.digests, start, start + digestBytes) === 0) {
      this.position += 1;
      this.misses = 0;
      this.missLimit = initialMissLimit;
      return expected;
    }
    const id = this.index.find(digest);
    if (id !== undefined) this.resynchronise(id);
    return id;
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
