/** Rows of the last reading, with the digests of their bytes one after the other: one object for many rows. */
export interface DigestPage {
  readonly ids: readonly number[];
  /** `digestBytes` for each id. */
  readonly digests: Buffer;
}

/** Length of the digest of a row. */
export const digestBytes = 16;

const pageSize = 5000;

/** The hash table has this number of places for each row, so that a look-up reads one or two of them. */
const placesPerRow = 2;

/** A look-up of rows by their digests in memory: about 40 bytes a row. */
export interface DigestTable {
  find(digest: Buffer): number | undefined;
}

/** @param pageAfter the rows with ids above one, at most `limit` of them */
export function loadDigestTable(pageAfter: (id: number, limit: number) => DigestPage): DigestTable {
  const pages: DigestPage[] = [];
  for (let page = pageAfter(0, pageSize); page.ids.length > 0; page = pageAfter(page.ids.at(-1) ?? 0, pageSize))
    pages.push(page);
  const ids = Float64Array.from(pages.flatMap((page) => page.ids));
  const digests = Buffer.concat(pages.map((page) => page.digests));
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, ids.length * placesPerRow)));
  /** 0: free; otherwise the index of a row, from 1. */
  const places = new Int32Array(size);
  // Digests are uniformly distributed, so their first bytes are a hash.
  const placeOf = (digest: Buffer, at: number): number => digest.readUInt32LE(at) & (size - 1);
  for (let row = 0; row < ids.length; row += 1) {
    let place = placeOf(digests, row * digestBytes);
    while (places[place] !== 0) place = (place + 1) & (size - 1);
    places[place] = row + 1;
  }
  return {
    find(digest) {
      for (let place = placeOf(digest, 0); ; place = (place + 1) & (size - 1)) {
        const row = (places[place] ?? 0) - 1;
        if (row < 0) return undefined;
        const start = row * digestBytes;
        if (digest.compare(digests, start, start + digestBytes) === 0) return ids[row];
      }
    },
  };
}
