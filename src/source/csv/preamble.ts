/** What precedes the header of a file: title lines, and the line by which spreadsheet programs name the delimiter. */
export interface Preamble {
  /** Bytes before the header. */
  readonly bytes: number;
  /** Lines before the header. */
  readonly lines: number;
  /** The character that a line such as `sep=;` names. */
  readonly delimiter: string | undefined;
}

/** In bytes. A file whose first lines are longer has no title lines. */
export const maxPreambleBytes = 1024 * 1024;

/**
 * Finds the header. `sep=;` is recognised as the first line, and as the line after the skipped ones.
 *
 *     skipLines 0     sep=; ⏎ id;name ⏎ …                        one line before the header
 *     skipLines 2     Employees ⏎ as of May ⏎ id;name ⏎ …         two lines
 *     skipLines 2     sep=; ⏎ Employees ⏎ id;name ⏎ …             two lines: the first one counts
 *     skipLines 1     Employees ⏎ sep=; ⏎ id;name ⏎ …             two lines: it follows the skipped one
 *
 * @param head the first bytes of the file, as UTF-8
 * @param isWhole whether these are all bytes of the file
 * @returns undefined where the header begins after `head`
 */
export function findPreamble(head: Buffer, skipLines: number, isWhole: boolean): Preamble | undefined {
  const ends = lineEnds(head, skipLines + 2, isWhole);
  if (!isWhole && ends.length < skipLines + 2) return undefined;
  const delimiterOf = (line: number): string | undefined => {
    const end = ends[line];
    return end === undefined ? undefined : namedDelimiter(head.toString('utf8', ends[line - 1] ?? 0, end));
  };
  const first = delimiterOf(0);
  const skipped = Math.max(skipLines, first === undefined ? 0 : 1);
  const next = skipped === 0 ? undefined : delimiterOf(skipped);
  const lines = skipped + (next === undefined ? 0 : 1);
  return { bytes: lines === 0 ? 0 : (ends[lines - 1] ?? head.length), lines, delimiter: next ?? first };
}

/** The offsets after the first lines, at most `limit` of them. */
function lineEnds(head: Buffer, limit: number, isWhole: boolean): readonly number[] {
  const ends: number[] = [];
  for (let at = 0; at < head.length && ends.length < limit; at = ends.at(-1) ?? 0) {
    const end = endOfLine(head, at);
    // A line without a break, and a CR that may be half of a CR LF, are complete only at the end of the file.
    if (!isWhole && (end === notFound || (end === head.length && head[end - 1] === carriageReturn))) break;
    ends.push(end === notFound ? head.length : end);
  }
  return ends;
}

/** `sep=;`, also in quotes, or followed by the delimiters of empty cells. */
function namedDelimiter(line: string): string | undefined {
  return /^"?sep=([\t !#-~])"?\1*\s*$/i.exec(line.replace(/[\r\n]+$/, ''))?.[1];
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const notFound = -1;

/** The offset after the next line break: LF, CR LF, or a CR alone. */
function endOfLine(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === lineFeed) return at + 1;
    if (bytes[at] === carriageReturn) return bytes[at + 1] === lineFeed ? at + 2 : at + 1;
  }
  return notFound;
}
