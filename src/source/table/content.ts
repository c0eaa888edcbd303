import type { Instant } from '../../model/ids.ts';

/** The state of bytes that were read from the first to the last one. */
export interface ContentState {
  /** SHA-256 of all bytes, in hex. */
  readonly sha256: string;
  /** Changes whenever the bytes at the same place change, as far as the system reports it. */
  readonly identity: string;
  /** When it was written; undefined: it was made for this read. */
  readonly modifiedAt: Instant | undefined;
  readonly endsWithLineBreak: boolean;
}

/** The bytes of one part of the source, which can be read several times. */
export interface Content {
  /** For messages: "people.csv". */
  readonly name: string;
  /**
   * Reads the bytes in chunks. A chunk is valid until the next one is requested.
   *
   * @param expected the state of an earlier read, from which the bytes must not differ
   * @returns the state, after the last chunk
   * @throws IncompleteReading where the bytes cannot be read, changed meanwhile, or differ from `expected`
   */
  chunks(signal: AbortSignal, expected?: ContentState): AsyncGenerator<Buffer, ContentState>;
  /** @throws IncompleteReading where the bytes are no longer those that were read */
  requireUnchanged(state: ContentState): Promise<void>;
}

/** Number of bytes at the end that show whether the last line is complete. */
const endLength = 64;

/** The last bytes of `last` followed by `chunk`, as `endsWithLineBreak` needs them. */
export const lastBytes = (last: Buffer, chunk: Buffer): Buffer =>
  Buffer.concat([last, chunk.subarray(-endLength)]).subarray(-endLength);

/**
 * LF or CR, also in UTF-16, where a zero byte precedes or follows it. Blanks and Ctrl-Z (0x1a, the end of a file in
 * CP/M and MS-DOS) may follow the last line break: they are a blank row.
 */
export function endsWithLineBreak(end: Buffer): boolean {
  const character = end.findLast((byte) => ![0x00, 0x09, 0x1a, 0x20].includes(byte));
  return character === 0x0a || character === 0x0d;
}
