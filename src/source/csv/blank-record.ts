import { parseRecords } from './parse-records.ts';

/** Characters that are no content: white space, invisible characters, and the end-of-file character of old systems. */
const blank = /^[\p{White_Space}\u001a\u00ad\u180e\u200b-\u200f\u2060\ufeff]*$/u;

/** The first byte of each blank character above ASCII, and the number of its bytes in UTF-8. */
const blankLengths: ReadonlyMap<number, number> = new Map([
  [0xc2, 2],
  [0xe1, 3],
  [0xe2, 3],
  [0xe3, 3],
  [0xef, 3],
]);

const quote = 0x22;
const maxAscii = 0x7f;

/**
 * Whether a record has no content: only delimiters, blanks and quoted blanks. A record with content costs one
 * comparison if its first character is neither a blank nor a quotation mark.
 *
 *     ;;;            "";"  ";""          NBSP ; TAB ;          → blank
 *     0;;            """"                                      → not blank: the second one is a quotation mark
 *
 * @param bytes UTF-8
 * @param delimiter one ASCII character
 */
export function isBlankRecord(bytes: Buffer, delimiter: string): boolean {
  const separator = delimiter.charCodeAt(0);
  let hasQuotes = false;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) hasQuotes = true;
    const length = byte <= maxAscii ? 1 : blankLengths.get(byte);
    if (length === undefined) return false;
    const isPunctuation = byte === separator || byte === quote;
    if (!isPunctuation && !isBlankText(bytes.toString('utf8', at, at + length))) return false;
    at += length;
  }
  return !hasQuotes || hasOnlyBlankCells(bytes, delimiter);
}

/** Whether a text has no visible character. */
export const isBlankText = (text: string): boolean => blank.test(text);

function hasOnlyBlankCells(bytes: Buffer, delimiter: string): boolean {
  const [cells] = parseRecords([bytes], delimiter);
  return cells !== undefined && !('refused' in cells) && cells.every(isBlankText);
}
