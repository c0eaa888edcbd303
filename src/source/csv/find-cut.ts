/** A block is at least this long, in bytes, unless the file ends. */
export const minBlockBytes = 4096;
/** After this number of bytes, a block ends with the line. */
const maxBlockBytes = 65_536;
/** On average a block ends with one of this number of lines. */
const linesPerCut = 8;
/** The bytes before and after a line break that decide whether a block ends there. */
const windowBytes = 16;
const lineFeed = 0x0a;

/**
 * Where a block may end: after a line break that the bytes around it select. So a row that is inserted or removed
 * changes one or two blocks: the next ones end where they ended before.
 *
 *     reading n      │ rows 1–9 │ rows 10–21 │ rows 22–30 │
 *     reading n + 1  │ rows 1–9 │ rows 10, new, 11–21 │ rows 22–30 │
 *
 * The line break may be inside quotes: whether a record ends there is for the caller to decide.
 *
 * @param from where the search begins: the start of the block
 * @returns undefined: more bytes are needed
 */
export function findCut(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(lineFeed, from + minBlockBytes); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const end = at + 1;
    if (end + windowBytes > bytes.length) return undefined;
    if (end - from >= maxBlockBytes || isSelected(bytes, end)) return end;
  }
  return undefined;
}

/** FNV-1a, 32 bits. */
function isSelected(bytes: Buffer, end: number): boolean {
  let hash = 0x811c9dc5;
  for (let at = end - windowBytes; at < end + windowBytes; at += 1)
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % linesPerCut === 0;
}
