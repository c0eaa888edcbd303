import type { Judgement } from '../../model/reading/judgement.ts';
import { mixedScripts } from '../../model/reading/encodings.ts';
import type { Attributes } from '../../model/record.ts';
import { percent } from './amounts.ts';

/**
 * UTF-8 that was decoded as a single-byte encoding: the first byte of a sequence becomes a letter such as Ã or â, and
 * the following bytes become characters that never follow it in a word.
 *
 *     ü → C3 BC → Ã¼      ’ → E2 80 99 → â€™      ł → C5 82 → Å‚      Я → D0 AF → Ð¯      日 → E6 97 A5 → æ—¥
 */
const continuation =
  '[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e' +
  '\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]';
const mojibake = new RegExp(`[\u00c2-\u00df]${continuation}|[\u00e0-\u00ef]${continuation}{2}`, 'u');

/**
 * U+FFFD replaces what a decoder could not read. C1 control characters (U+0080 to U+009F) occur in no text: the bytes
 * belong to another encoding.
 */
const undecoded = /[\ufffd\u0080-\u0084\u0086-\u009f]/u;

const isAscii = /^[\0-\x7f]*$/;

/** Whether a value looks like text that was read in a wrong encoding. */
export function isGarbledText(text: string): boolean {
  return !isAscii.test(text) && (undecoded.test(text) || mojibake.test(text) || mixedScripts.test(text));
}

/**
 * What a step writes for a character that its encoding does not have: question marks, an HTML entity, the bytes in
 * hexadecimal digits (quoted-printable, URL encoding), or an escape of JSON.
 *
 *     Müller → M?ller   M&#252;ller   M&uuml;ller   M=FCller   M%C3%BCller   M\\u00fcller
 */
const substitute = /&#?\w+;|\\u[\dA-Fa-f]{4}/y;
const byteInHexadecimal = /[=%][\dA-Fa-f]{2}/y;
const maxQuestionMarks = 4;

/**
 * Whether a text is `before` with a substitute in place of characters beyond ASCII. A letter may also be missing:
 * "Mller". A text in other letters ("Mueller") is a new value.
 *
 * It follows all possible ends of the characters compared so far: a pattern could take exponential time.
 */
export function isSubstituted(before: string, now: string): boolean {
  if (before === now || isAscii.test(before)) return false;
  let ends: ReadonlySet<number> = new Set([0]);
  for (const character of before) {
    const next = new Set<number>();
    for (const end of ends) {
      if (now.startsWith(character, end)) next.add(end + character.length);
      if (isAscii.test(character)) continue;
      for (const one of endsOfSubstitutes(now, end)) next.add(one);
      if (isLetter.test(character)) next.add(end);
    }
    if (next.size === 0) return false;
    ends = next;
  }
  return ends.has(now.length);
}

/** The ends of all substitutes for one character that begin at `start`. */
function endsOfSubstitutes(text: string, start: number): readonly number[] {
  const ends: number[] = [];
  for (let end = start; text[end] === '?' && end < start + maxQuestionMarks; end += 1) ends.push(end + 1);
  substitute.lastIndex = start;
  if (substitute.test(text)) ends.push(substitute.lastIndex);
  byteInHexadecimal.lastIndex = start;
  for (let bytes = 0; bytes < maxBytes && byteInHexadecimal.test(text); bytes += 1)
    ends.push(byteInHexadecimal.lastIndex);
  return ends;
}

/** Of one character in UTF-8. */
const maxBytes = 4;

const isLetter = /^\p{L}$/u;

/** What is known of the bytes of a reading. */
export interface TextEvidence {
  /** The bytes are known to be misread. */
  readonly isMisread: boolean;
  /** Whether `now` is what the bytes of `before` are in another encoding; undefined: the source has no encoding. */
  readonly isMisreading?: ((before: string, now: string) => boolean) | undefined;
}

/** Whether a record is garbled that was readable before, or is new. */
export function isNewlyGarbled(
  before: Attributes | undefined,
  now: Attributes,
  { isMisread, isMisreading = () => false }: TextEvidence,
): boolean {
  const isSuspect = isMisread ? (text: string): boolean => !isAscii.test(text) : isGarbledText;
  if (before === undefined) return someValue(now, isSuspect);
  if (someValue(before, isGarbledText)) return false;
  if (someValue(now, isSuspect)) return true;
  return Object.entries(before).some(([name, values]) =>
    values.some((value, index) => {
      const valueNow = now[name]?.[index] ?? value;
      if (valueNow === value || isAscii.test(value)) return false;
      return isSubstituted(value, valueNow) || isMisreading(value, valueNow);
    }),
  );
}

const someValue = (attributes: Attributes, test: (text: string) => boolean): boolean =>
  Object.values(attributes).some((values) => values.some(test));

/** How much of a reading is garbled. */
export interface GarbledComparison {
  /** Records that this reading garbles: the mirror holds them readable, or does not have them. */
  readonly garbled: number;
  /** Rows whose bytes are invalid in the configured encoding, beyond those of the last reading. */
  readonly undecodable: number;
  /** Records with a value beyond ASCII, or with a substitute for one. */
  readonly nonAscii: number;
  readonly isFirst: boolean;
}

/**
 * Many garbled values mean a wrong encoding. They are compared with the values beyond ASCII, because an encoding
 * changes no others. What the last accepted reading garbled already is not counted.
 *
 * @param fitting the encoding in which a sample of the bytes is plausible text; undefined: the configured one, or none
 */
export function judgeEncoding(comparison: GarbledComparison, fitting: string | undefined): readonly Judgement[] {
  if (!isWrongEncoding(comparison)) return [];
  const { garbled, undecodable } = comparison;
  const affected = garbled + undecodable;
  const total = comparison.nonAscii + undecodable;
  return [
    {
      code: 'source.encodingWrong',
      subject: fitting ?? '',
      numbers: { garbled, undecodable, nonAscii: total },
      reason:
        `${affected} of the ${total} rows with characters beyond ASCII are garbled or invalid ` +
        `(${percent(affected, total)}), as if the text were in another encoding. ${adviceOn(fitting, undecodable)}`,
      refused: true,
    },
  ];
}

function adviceOn(fitting: string | undefined, undecodable: number): string {
  if (fitting !== undefined) return `The encoding that fits is "${fitting}": set it as "encoding"`;
  return undecodable > 0
    ? 'No encoding was found in which the text is plausible, or contains the values of the last reading: ' +
        'find out how the export is written, and set "encoding"'
    : 'The bytes are in the configured encoding, so an earlier step garbled them: correct it there';
}

/** Whether the encoding is wrong, by the counts alone. */
export function isWrongEncoding({ garbled, undecodable, nonAscii, isFirst }: GarbledComparison): boolean {
  const affected = garbled + undecodable;
  const total = nonAscii + undecodable;
  if (affected === 0) return false;
  // A first reading has no clean past, so one garbled row may be all that shows the encoding.
  if (affected > majority * total && (isFirst || affected > 1)) return true;
  return affected > garbledFloor && affected > maxGarbled * total;
}

const majority = 0.5;
const maxGarbled = 0.2;
/** One joiner whose name is garbled by another system is no wrong encoding. */
const garbledFloor = 2;
