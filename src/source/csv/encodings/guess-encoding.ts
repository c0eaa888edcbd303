import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { mixedScripts, type Encoding } from '../../../model/reading/encodings.ts';
import { decodeBytes, distinctEncodings } from './misreadings.ts';

/** An encoding, and the letters that text in it consists of. */
interface Candidate {
  readonly encoding: Encoding;
  /** Sets of letters, one for each language; the sample needs to fit only one of them. */
  readonly letters: () => readonly ((letter: string) => boolean)[];
}

const lineFeed = 0x0a;

const among =
  (letters: string) =>
  (letter: string): boolean =>
    letters.includes(letter.toLowerCase());
const between =
  (first: number, last: number) =>
  (letter: string): boolean => {
    const code = letter.codePointAt(0) ?? 0;
    return code >= first && code <= last;
  };
const basicCyrillic = between(0x410, 0x44f);
const cyrillic = (letter: string): boolean => basicCyrillic(letter) || 'ёіїєґўј'.includes(letter.toLowerCase());
const kana = between(0x3041, 0x30ff);

/**
 * The characters of a two-byte encoding whose first byte is in a range: each standard lists the frequent ones first.
 *
 * @param firstTrail the smallest second byte
 */
function frequent(encoding: Encoding, first: number, last: number, firstTrail: number): (letter: string) => boolean {
  const bytes: number[] = [];
  for (let lead = first; lead <= last; lead += 1)
    for (let trail = firstTrail; trail <= 0xfe; trail += 1) bytes.push(lead, trail, lineFeed);
  // A line feed after each pair: an invalid one does not affect the next.
  const characters = new Set(iconv.decode(Buffer.from(bytes), encoding));
  characters.delete('\ufffd');
  return (letter) => characters.has(letter);
}

const westernLanguages = [
  'äöüßéàè',
  'éèêëàâæçîïôœûùüÿ',
  'áéíóúñüçãõâêôàò',
  'åäöæøéü',
  'àèéìíòóùú',
  'áéíóúýþæöð',
  'éëïóöüáèí',
].map(among);

const centralEuropeanLanguages = [
  'ąćęłńóśźż',
  'áčďéěíňóřšťúůýž',
  'áäčďéíĺľňóôŕšťúýž',
  'áéíóöőúüű',
  'ăâîşţ',
  'čćđšž',
].map(among);

/**
 * In this order, if several fit equally: those whose letters have fewer bytes come first, because text in the others
 * uses the remaining bytes, too.
 *
 *     euc-kr        first bytes B0–C8        windows-1255  E0–FA, Hebrew has no capital letters
 *     euc-jp        first bytes B0–CF        windows-1251  C0–FF
 *     gb18030       first bytes B0–D7        windows-874   A1–FB, almost all
 *
 * Two-byte encodings fit by chance only if a text is short.
 */
const candidates: readonly Candidate[] = [
  { encoding: 'euc-kr', letters: () => [frequent('euc-kr', 0xb0, 0xc8, 0xa1)] },
  {
    encoding: 'shift_jis',
    letters: () => {
      const kanji = frequent('shift_jis', 0x88, 0x98, 0x40);
      return [(letter) => kana(letter) || kanji(letter)];
    },
  },
  {
    encoding: 'euc-jp',
    letters: () => {
      const kanji = frequent('euc-jp', 0xb0, 0xcf, 0xa1);
      return [(letter) => kana(letter) || kanji(letter)];
    },
  },
  { encoding: 'gb18030', letters: () => [frequent('gb18030', 0xb0, 0xd7, 0xa1)] },
  { encoding: 'big5', letters: () => [frequent('big5', 0xa4, 0xc6, 0x40)] },
  { encoding: 'windows-1252', letters: () => westernLanguages },
  { encoding: 'windows-1250', letters: () => centralEuropeanLanguages },
  { encoding: 'iso-8859-2', letters: () => centralEuropeanLanguages },
  { encoding: 'windows-1254', letters: () => [among('çğıiöşüâî')] },
  { encoding: 'windows-1257', letters: () => ['ąčęėįšųūž', 'āčēģīķļņšūž', 'äõöüšž'].map(among) },
  { encoding: 'windows-1255', letters: () => [between(0x5d0, 0x5ea)] },
  { encoding: 'windows-1251', letters: () => [cyrillic] },
  { encoding: 'koi8-r', letters: () => [cyrillic] },
  { encoding: 'iso-8859-5', letters: () => [cyrillic] },
  { encoding: 'cp866', letters: () => [cyrillic] },
  { encoding: 'windows-1253', letters: () => [between(0x384, 0x3ce)] },
  { encoding: 'windows-1256', letters: () => [between(0x621, 0x6d3)] },
  { encoding: 'iso-8859-6', letters: () => [between(0x621, 0x6d3)] },
  { encoding: 'windows-874', letters: () => [between(0xe01, 0xe5b)] },
  { encoding: 'cp850', letters: () => westernLanguages },
  { encoding: 'cp852', letters: () => centralEuropeanLanguages },
  { encoding: 'macintosh', letters: () => westernLanguages },
];

/** One East Asian character inside a word of Latin letters: two bytes of another encoding ("M殘ler"). */
const eastAsianInWord = /[A-Za-z][\p{Script=Han}\p{Script=Hangul}\p{Script=Katakana}\p{Script=Hiragana}][A-Za-z]/gu;

/** A Latin letter beside a Thai one: a byte of another encoding ("ณukasz"). */
const thaiInWord = /[A-Za-z]\p{Script=Thai}|\p{Script=Thai}[A-Za-z]/gu;

/** Below this share of plausible letters, no encoding is named. */
const minimumScore = 0.8;

/**
 * The encoding in which bytes are plausible text. If values are known, it is the one that gives most of them again.
 *
 * @param sample lines that contain bytes beyond ASCII
 * @param known values that the source had before, as far as they are beyond ASCII
 * @returns the encodings that fit equally, the most plausible one first
 */
export function fittingEncodings(sample: Buffer, known: readonly string[]): readonly Encoding[] {
  if (isUtf8(sample)) return ['utf-8'];
  const guess = guessEncoding(sample);
  const words = new Set(known.flatMap(wordsBeyondAscii));
  if (words.size === 0) return guess === undefined ? [] : [guess];
  const counts = new Map(
    distinctEncodings.map((encoding) => [
      encoding,
      wordsBeyondAscii(decodeBytes(sample, encoding)).filter((word) => words.has(word)).length,
    ]),
  );
  const most = Math.max(...counts.values());
  if (most === 0) return [];
  const frequentFirst = candidates.map(({ encoding }) => encoding);
  return [...new Set([...(guess === undefined ? [] : [guess]), ...frequentFirst, ...distinctEncodings])].filter(
    (encoding) => counts.get(encoding) === most,
  );
}

const wordsBeyondAscii = (text: string): readonly string[] =>
  text.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => /[^\0-\x7f]/.test(word));

/** @returns undefined where no encoding fits */
function guessEncoding(sample: Buffer): Encoding | undefined {
  let best: { readonly encoding: Encoding; readonly score: number } | undefined;
  for (const { encoding, letters } of candidates) {
    const score = scoreOf(iconv.decode(sample, encoding), letters());
    if (score >= minimumScore && score > (best?.score ?? 0)) best = { encoding, score };
  }
  return best?.encoding;
}

/** The share of characters beyond ASCII that are letters of one language, minus what no text contains. */
function scoreOf(text: string, languages: readonly ((letter: string) => boolean)[]): number {
  const beyondAscii = [...text].filter((character) => character > '\u007f');
  if (beyondAscii.length === 0) return 0;
  const fitting = languages.map((isLetter) => beyondAscii.filter(isLetter).length);
  // A capital letter after a small one inside a word: KOI8-R and windows-1251 exchange them.
  const exchanged = text.match(/(?![a-z])\p{Ll}(?![A-Z])\p{Lu}/gu)?.length ?? 0;
  const mixed = text.match(new RegExp(mixedScripts, 'gu'))?.length ?? 0;
  const enclosed = text.match(eastAsianInWord)?.length ?? 0;
  const thai = text.match(thaiInWord)?.length ?? 0;
  const odd = exchanged + mixed + enclosed + thai;
  return (Math.max(...fitting) - odd) / beyondAscii.length;
}
