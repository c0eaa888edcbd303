/** A text whose escapes are decoded, and where each of its characters was in the text before. */
export interface DecodedText {
  readonly text: string;
  /** For each UTF-16 unit of `text`: where the original of it begins, and where it ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Percent escapes (RFC 3986), escapes of JSON strings (RFC 8259), and character references of XML and HTML. */
const escapes =
  /((?:%[0-9a-f]{2})+)|\\u([0-9a-f]{4})|\\(["\\/bfnrt])|&#x([0-9a-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);/gi;

const jsonEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes each escape once. @returns undefined for a text without escapes */
export function decodeEscapes(text: string): DecodedText | undefined {
  const starts: number[] = [];
  const ends: number[] = [];
  let decoded = '';
  let position = 0;
  const add = (part: string, start: number, end: number): void => {
    decoded += part;
    for (let unit = 0; unit < part.length; unit += 1) {
      starts.push(start);
      ends.push(end);
    }
  };
  const copy = (end: number): void => {
    for (; position < end; position += 1) add(text.charAt(position), position, position + 1);
  };
  for (const match of text.matchAll(escapes)) {
    copy(match.index);
    const [escape, octets, unit, character, hexadecimal, decimal, entity] = match;
    const end = match.index + escape.length;
    if (octets !== undefined) {
      for (const part of decodeOctets(octets)) add(part.text, match.index + part.start, match.index + part.end);
    } else add(decodeOne({ unit, character, hexadecimal, decimal, entity }) ?? escape, match.index, end);
    position = end;
  }
  if (position === 0) return undefined;
  copy(text.length);
  return { text: decoded, starts, ends };
}

interface Escape {
  readonly unit: string | undefined;
  readonly character: string | undefined;
  readonly hexadecimal: string | undefined;
  readonly decimal: string | undefined;
  readonly entity: string | undefined;
}

function decodeOne({ unit, character, hexadecimal, decimal, entity }: Escape): string | undefined {
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
  if (character !== undefined) return jsonEscapes[character] ?? character;
  if (entity !== undefined) return entities[entity.toLowerCase()];
  const point = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  return point <= 0x10_ffff ? String.fromCodePoint(point) : undefined;
}

interface Part {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The characters of a run of percent escapes: UTF-8, or single bytes where it is not valid. */
function decodeOctets(octets: string): readonly Part[] {
  const bytes = Buffer.from(octets.replaceAll('%', ''), 'hex');
  const parts: Part[] = [];
  for (let index = 0; index < bytes.length;) {
    const size = sizeOfCharacter(bytes[index] ?? 0);
    const character = bytes.subarray(index, index + size).toString('utf8');
    const isValid = index + size <= bytes.length && !character.includes('\ufffd');
    const length = isValid ? size : 1;
    const text = isValid ? character : bytes.toString('latin1', index, index + 1);
    parts.push({ text, start: 3 * index, end: 3 * (index + length) });
    index += length;
  }
  return parts;
}

/** The number of bytes of a UTF-8 character, by its first byte. */
const sizeOfCharacter = (first: number): number => (first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4);
