export interface DigestRow {
  readonly id: number;
  readonly digest: Buffer;
}

/** The rows of the last reading, in the order of their ids, and by digest. */
export interface DigestIndex {
  pageAfter(id: number, limit: number): readonly DigestRow[];
  find(digest: Buffer): number | undefined;
}

const pageSize = 1000;
/** After so many rows in a row that stand elsewhere, the file was re-sorted here: follow it. Each time that leads nowhere, this doubles. */
const patience = 64;

/**
 * Walks the last reading beside the new one.
 *
 * An export is nearly always written in the same order, so the next row is nearly always the one expected, and costs
 * one comparison of 16 bytes. A row that stands elsewhere costs one look-up; one that is not found is new or changed.
 */
export class Sequence {
  private readonly index: DigestIndex;
  private page: readonly DigestRow[] = [];
  private at = 0;
  private lastId = 0;
  private strays = 0;
  private patience = patience;
  private ended = false;

  constructor(index: DigestIndex) {
    this.index = index;
  }

  /** The id of a row of the last reading with the same bytes. */
  match(digest: Buffer): number | undefined {
    const expected = this.expected();
    if (expected?.digest.equals(digest) === true) {
      this.at += 1;
      this.strays = 0;
      this.patience = patience;
      return expected.id;
    }
    const id = this.index.find(digest);
    if (id !== undefined) this.follow(id);
    return id;
  }

  private expected(): DigestRow | undefined {
    if (this.at >= this.page.length && !this.ended) this.load(this.lastId);
    return this.page[this.at];
  }

  private follow(id: number): void {
    const ahead = this.ahead(id);
    this.strays += 1;
    if (ahead !== -1) {
      this.at = ahead + 1;
      this.strays = 0;
    } else if (this.strays > this.patience) {
      this.load(id);
      this.strays = 0;
      this.patience *= 2;
    }
  }

  /** Where the row stands further down this page; -1 where it does not. */
  private ahead(id: number): number {
    const next = this.page[this.at];
    const last = this.page.at(-1);
    if (next === undefined || last === undefined || id < next.id || id > last.id) return -1;
    return this.page.findIndex((row) => row.id === id);
  }

  private load(after: number): void {
    this.page = this.index.pageAfter(after, pageSize);
    this.at = 0;
    this.ended = this.page.length === 0;
    this.lastId = this.page.at(-1)?.id ?? after;
  }
}
