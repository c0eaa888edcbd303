import { isUtf8 } from 'node:buffer';
import type { ParsedRow } from '../source.ts';
import { cellText, type Cells } from './cells.ts';
import type { Header } from './header.ts';
import type { RawRecord } from './open-table.ts';

/** In UTF-16 code units. */
export const maxKeyLength = 512;

/** Where a row has its key, and in memberships its member. */
export interface RowColumns {
  readonly keyIndex: number;
  readonly keyColumn: string;
  readonly memberIndex?: number;
  readonly delimiter: string;
}

/** A row whose key is not certain, with all that could identify it. */
export function unreadableRow(
  raw: RawRecord,
  cells: Cells,
  header: Header,
  { keyIndex, memberIndex, delimiter }: RowColumns,
  { reason, isExcluded }: { readonly reason: string; readonly isExcluded?: boolean },
): ParsedRow {
  const pieces = piecesOf(cells, raw, delimiter).map((piece) => piece?.trim());
  const difference = pieces.length - header.width;
  // A missing or additional cell before the key moves it.
  const around = (index: number): readonly string[] =>
    pieces
      .slice(Math.max(0, index + Math.min(0, difference)), index + Math.max(0, difference) + 1)
      .filter((piece) => piece !== undefined);
  const cutKey = cutKeyOf(cells) ?? (pieces.length === keyIndex + 1 && difference < 0 ? pieces[keyIndex] : undefined);
  const isCutBeforeMember = memberIndex !== undefined && pieces[memberIndex] === undefined;
  return {
    kind: 'rejected',
    line: raw.line,
    key: 'refused' in cells ? undefined : shownKey(pieces[keyIndex] ?? ''),
    reason,
    ...('refused' in cells && cells.isUndecodable === true ? { isUndecodable: true } : {}),
    subject: {
      kind: 'unknown',
      text: rawText(raw.bytes),
      keyCells: around(keyIndex),
      ...(cutKey === undefined ? {} : { cutKey }),
      ...(memberIndex === undefined || isCutBeforeMember ? {} : { memberCells: around(memberIndex) }),
      ...(isExcluded === true ? { isExcluded } : {}),
    },
  };
}

const cutKeyOf = (cells: Cells): string | undefined => ('refused' in cells ? cells.cutKey : undefined);

/** The cells of a row, or what was found in it, or lies between its delimiters, where it cannot be parsed. */
export function piecesOf(cells: Cells, { bytes }: RawRecord, delimiter: string): readonly (string | undefined)[] {
  if (!('refused' in cells)) return cells.map(cellText);
  if (cells.found !== undefined) return cells.found;
  return bytes
    .toString('utf8')
    .split(delimiter)
    .map((piece) => piece.trim().replace(/^"(.*)"$/s, '$1'));
}

/**
 * The text in which absent users are searched. Bytes that are no UTF-8 are read as windows-1252, too: the usual
 * encoding of such exports. Escape sequences of JSON are decoded.
 */
export function rawText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const texts = [text];
  if (!isUtf8(bytes)) texts.push(new TextDecoder('windows-1252').decode(bytes));
  if (text.includes('\\')) texts.push(unescaped(text));
  return texts.join('\n');
}

/** RFC 8259 section 7. */
const unescaped = (text: string): string =>
  text
    .replaceAll(/\\u([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replaceAll(/\\([bfnrt])/g, ' ')
    .replaceAll(/\\(["\\/])/g, '$1');

/** A key in a message; undefined: it is blank. */
export const shownKey = (key: string): string | undefined => (key === '' ? undefined : key.slice(0, maxKeyLength));
