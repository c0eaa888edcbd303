import iconv from 'iconv-lite';
import { encodings, type Encoding } from '../../../model/reading/encodings.ts';

/** `latin1` and `iso-8859-1` are windows-1252. */
export const canonicalEncoding = (name: Encoding): Encoding =>
  name === 'latin1' || name === 'iso-8859-1' ? 'windows-1252' : name;

/** The encodings that differ from each other and need no byte order mark. */
export const distinctEncodings: readonly Encoding[] = [...new Set(encodings.map(canonicalEncoding))].filter(
  (name) => !name.startsWith('utf-16'),
);

/** Decodes as the reader of a file does. */
export function decodeBytes(bytes: Buffer, encoding: Encoding): string {
  const name = canonicalEncoding(encoding);
  return name === 'windows-1252' ? new TextDecoder(name).decode(bytes) : iconv.decode(bytes, name);
}

/** The bytes of a text; undefined: the encoding does not have one of its characters. */
function encodeText(text: string, encoding: Encoding): Buffer | undefined {
  const bytes = iconv.encode(text, encoding);
  return decodeBytes(bytes, encoding) === text ? bytes : undefined;
}

/** Each text is compared in all pairs of encodings up to this number, later ones only in the pairs that matched. */
const maxExamined = 500;

/**
 * Decides whether a text is another one whose bytes were read in one of these encodings, although they were written in
 * another:
 *
 *     written in macintosh     Schröder → 53 63 68 72 9A 64 65 72 → read in windows-1256     Schrڑder
 *
 * Few texts match by chance, and matches of a large share are evidence.
 *
 * @param readAs the encodings in which the files are read
 */
export function openMisreadings(readAs: readonly Encoding[]): (before: string, now: string) => boolean {
  // Bytes that are invalid in UTF-8 or UTF-16 are found when they are decoded.
  const actual = [...new Set(readAs.map(canonicalEncoding))].filter((name) => !name.startsWith('utf-'));
  const pairs = actual.flatMap((read) =>
    distinctEncodings.filter((written) => written !== read).map((written) => ({ written, read })),
  );
  const matched = new Set<(typeof pairs)[number]>();
  let examined = 0;
  return (before, now) => {
    examined += 1;
    const matching = (examined <= maxExamined ? pairs : [...matched]).filter(({ written, read }) => {
      const bytes = encodeText(before, written);
      return bytes !== undefined && decodeBytes(bytes, read).trim() === now;
    });
    for (const pair of matching) matched.add(pair);
    return matching.length > 0;
  };
}
