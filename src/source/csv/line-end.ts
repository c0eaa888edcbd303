const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * How lines end: `cr` is a carriage return alone, as old spreadsheet programs write it; `lf` is a line feed, with or
 * without a carriage return before it.
 */
export type LineEnd = 'lf' | 'cr';

/**
 * The kind of the first line break outside quotes.
 *
 * @param head the first bytes of the file, as UTF-8
 * @param isWhole whether these are all bytes of the file
 * @returns undefined where the break comes after `head`
 */
export function findLineEnd(head: Buffer, isWhole: boolean): LineEnd | undefined {
  let isQuoted = false;
  for (const [at, byte] of head.entries()) {
    if (byte === quote) isQuoted = !isQuoted;
    else if (byte === lineFeed && !isQuoted) return 'lf';
    else if (byte === carriageReturn && !isQuoted) {
      // The line feed of a CR LF may be in the next bytes.
      if (at + 1 === head.length && !isWhole) return undefined;
      return head[at + 1] === lineFeed ? 'lf' : 'cr';
    }
  }
  return isWhole ? 'lf' : undefined;
}

/** Replaces each carriage return, inside quotes too: values contain line feeds, whatever the kind of line breaks. */
export async function* toLineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    for (let at = bytes.indexOf(carriageReturn); at !== -1; at = bytes.indexOf(carriageReturn, at + 1))
      bytes[at] = lineFeed;
    yield bytes;
  }
}
