/** Which texts mention a value. A mention is a sequence of whole words, without regard to letter case. */
export interface MentionIndex {
  /** @param source what `find` returns for a mention in this text */
  add(source: number, text: string): void;
  /** The source of a text that mentions the value; undefined: none does, or the value is too short to decide. */
  find(value: string): number | undefined;
  /** More text was added than the index holds, so the absence of a mention proves nothing. */
  readonly isFull: boolean;
}

/**
 * In characters: about 20,000 rows of 100 characters. The index needs about five times as many bytes, and sorting it
 * takes some seconds at most.
 */
export const maxMentionCharacters = 2 * 1024 * 1024;

/** Letters and digits in a value; with fewer, it occurs by chance: "Ng", "12". */
export const minMentionLength = 3;
/** In scripts without spaces between words, one character is a word. */
const minIdeographs = 2;

/** Longer values are compared by their first characters. */
const maxComparedLength = 128;

/**
 * Indexes the words of texts: a sorted list of the positions at which a word begins, so that a value costs one binary
 * search, however many texts there are.
 *
 *     1004;"Müller;Eva;eva@corp.example        → [1004] [müller] [eva] [eva] [corp] [example]
 *     find('MÜLLER'), find('eva@corp.example') → found: whole words in this order
 *     find('Mülle'), find('100'), find('Ng')   → not found: part of a word, part of a number, too short
 */
export function createMentionIndex(limit = maxMentionCharacters, minLength = minMentionLength): MentionIndex {
  const texts: string[] = [];
  const sources: number[] = [];
  let length = 0;
  let isFull = false;
  let sorted: SortedWords | undefined;
  return {
    add(source, text) {
      const words = ` ${wordsOf(text).join(' ')} `;
      if (length + words.length > limit) isFull = true;
      if (isFull) return;
      texts.push(words);
      sources.push(source);
      length += words.length;
      sorted = undefined;
    },
    find(value) {
      const words = wordsOf(value);
      if (!isLongEnough(words, minLength) || texts.length === 0) return undefined;
      sorted ??= sortWords(texts);
      const text = findText(sorted, `${words.join(' ')} `.slice(0, maxComparedLength));
      return text === undefined ? undefined : sources[text];
    },
    get isFull() {
      return isFull;
    },
  };
}

const ideograph = /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]$/u;
const word = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|\p{N}+|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])[\p{L}\p{M}])+/gu;

/** Letters and digits are words of their own: a row whose delimiters are lost may read `1004Müller`. */
function wordsOf(text: string): readonly string[] {
  return foldCase(text).match(word) ?? [];
}

/** NFC without letter case and invisible characters: "STRASSE" and "straße" are equal. */
export function foldCase(text: string): string {
  const visible = text.normalize('NFC').replaceAll(/\p{Cf}/gu, '');
  return visible.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}

function isLongEnough(words: readonly string[], minLength: number): boolean {
  if (words.length > 0 && words.every((one) => ideograph.test(one)))
    return words.length >= Math.min(minIdeographs, minLength);
  return words.reduce((sum, { length }) => sum + length, 0) >= minLength;
}

interface SortedWords {
  readonly text: string;
  /** Where each of the joined texts begins, in ascending order. */
  readonly textStarts: readonly number[];
  /** Where each word begins, in the order of the text that follows. */
  readonly wordStarts: Uint32Array;
}

function sortWords(texts: readonly string[]): SortedWords {
  const text = texts.join('\n');
  const textStarts: number[] = [];
  let start = 0;
  for (const one of texts) {
    textStarts.push(start);
    start += one.length + 1;
  }
  const wordStarts = wordStartsIn(text);
  const from = (at: number): string => text.slice(at, at + maxComparedLength);
  return {
    text,
    textStarts,
    wordStarts: wordStarts.sort((one, other) => compareText(from(one), from(other))),
  };
}

/** Each word follows a space; the text ends with one. */
function wordStartsIn(text: string): Uint32Array {
  const starts = new Uint32Array(text.length);
  let count = 0;
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', space + 1)) {
    const next = text[space + 1];
    if (next === undefined || next === ' ' || next === '\n') continue;
    starts[count] = space + 1;
    count += 1;
  }
  return starts.slice(0, count);
}

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** The index of a text that contains these words. */
function findText({ text, textStarts, wordStarts }: SortedWords, words: string): number | undefined {
  const at = (index: number): string => {
    const start = wordStarts[index] ?? 0;
    return text.slice(start, start + words.length);
  };
  const position = lowerBound(wordStarts.length, (index) => at(index) >= words);
  if (position === wordStarts.length || at(position) !== words) return undefined;
  const start = wordStarts[position] ?? 0;
  return lowerBound(textStarts.length, (index) => (textStarts[index] ?? 0) > start) - 1;
}

/** The first index for which the condition holds; `length` where it holds for none. */
function lowerBound(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
