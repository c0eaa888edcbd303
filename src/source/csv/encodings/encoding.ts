import { IncompleteReading } from '../../../model/errors.ts';
import iconv from 'iconv-lite';
import type { Encoding } from '../../../model/reading/encodings.ts';

/** An encoding with a known byte order, and the length of the byte order mark in bytes. */
export interface DetectedEncoding {
  readonly encoding: Exclude<Encoding, 'utf-16'>;
  readonly bomLength: number;
}

/** Never valid in UTF-8. It marks what could not be decoded, so that exactly the row that holds it is rejected. */
const invalidByte = Buffer.from([0xff]);

/**
 * Detects the encoding. A byte order mark overrides the setting, because no file starts with one by chance.
 *
 * @param head at least the first three bytes of the file, if it has as many
 * @throws IncompleteReading for `utf-16` without a mark, and for bytes that contradict the setting: UTF-16 in another
 * byte order, or where another encoding is set
 */
export function detectEncoding(head: Buffer, setting: Encoding, name: string): DetectedEncoding {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bomLength: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bomLength: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bomLength: 2 };
  if (setting !== 'utf-16') {
    requireZeroBytes(head, setting, name);
    return { encoding: setting, bomLength: 0 };
  }
  // Text in UTF-16 has a zero byte in each ASCII character.
  const advice = head.includes(0)
    ? 'Set the encoding to "utf-16le" or "utf-16be"'
    : 'It has no zero bytes, so it is not UTF-16. Set the encoding to "utf-8", or to "windows-1252" for an old program';
  throw new IncompleteReading(
    'csv.byteOrderMarkMissing',
    `${name} has no byte order mark, so "utf-16" does not define its byte order. ${advice}. ` +
      'Nothing was planned or changed.',
  );
}

/** The least share of zero bytes in a table in UTF-16: delimiters, line breaks, digits. */
const utf16ZeroShare = 0.05;

/**
 * Delimiters and line breaks have a zero byte in UTF-16, and the byte order decides at which place. Other text has no
 * or few zero bytes, and files of other kinds have them at all places.
 *
 *     utf-16le  ","  2C 00      utf-16be  ","  00 2C
 */
function requireZeroBytes(head: Buffer, setting: Exclude<Encoding, 'utf-16'>, name: string): void {
  const likely = utf16WithoutMark(head);
  let advice: string | undefined;
  if (likely !== undefined && likely !== setting) advice = `it looks like ${likely}`;
  else if (setting.startsWith('utf-16') && !head.includes(0) && head.length > 1)
    advice = 'it has no zero bytes. Set the encoding to "utf-8", or to "windows-1252" for an old program';
  if (advice !== undefined)
    throw new IncompleteReading(
      'csv.encodingWrong',
      `${name} is not ${setting}: ${advice}. Nothing was planned or changed.`,
    );
}

/** The byte order of a table in UTF-16, by its zero bytes; undefined: it is in another encoding. */
export function utf16WithoutMark(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const even = zeroBytesAt(head, 0);
  const odd = zeroBytesAt(head, 1);
  const total = even + odd;
  const isUtf16 = total > 0 && Math.min(even, odd) === 0 && total >= utf16ZeroShare * head.length;
  if (!isUtf16) return undefined;
  return even > odd ? 'utf-16be' : 'utf-16le';
}

/** The number of zero bytes at even places (0) or odd places (1). */
function zeroBytesAt(bytes: Buffer, parity: 0 | 1): number {
  let count = 0;
  for (let index = parity; index < bytes.length; index += 2) if (bytes[index] === 0) count += 1;
  return count;
}

/** Converts the bytes of a file to UTF-8, without the byte order mark. */
export async function* toUtf8(
  chunks: AsyncIterable<Buffer>,
  { encoding, bomLength }: DetectedEncoding,
): AsyncGenerator<Buffer> {
  const transcoder = transcoderFor(encoding);
  let bytesToSkip = bomLength;
  for await (const chunk of chunks) {
    const skipped = Math.min(bytesToSkip, chunk.length);
    bytesToSkip -= skipped;
    yield transcoder.write(chunk.subarray(skipped));
  }
  yield transcoder.end();
}

interface Transcoder {
  write(bytes: Buffer): Buffer;
  end(): Buffer;
}

const nothing = Buffer.alloc(0);

function transcoderFor(encoding: DetectedEncoding['encoding']): Transcoder {
  switch (encoding) {
    case 'utf-8':
      return { write: (bytes) => bytes, end: () => nothing };
    case 'utf-16le':
      return utf16((pairs) => pairs);
    case 'utf-16be':
      // On a copy, because swap16 works in place.
      return utf16((pairs) => Buffer.from(pairs).swap16());
    case 'latin1':
    case 'iso-8859-1':
    case 'windows-1252':
      return windows1252();
    default:
      return byTable(encoding);
  }
}

/** As browsers decode it: no byte is invalid. */
function windows1252(): Transcoder {
  const decoder = new TextDecoder('windows-1252');
  return { write: (bytes) => Buffer.from(decoder.decode(bytes)), end: () => nothing };
}

/** What the table does not contain becomes U+FFFD, which no file in such an encoding contains. */
function byTable(encoding: string): Transcoder {
  const decoder = iconv.getDecoder(encoding);
  const toBytes = (text: string): Buffer => withInvalid(text, /\ufffd/u);
  return {
    write: (bytes) => toBytes(decoder.write(bytes)),
    end: () => toBytes(decoder.end() ?? ''),
  };
}

function utf16(littleEndian: (pairs: Buffer) => Buffer): Transcoder {
  let oddByte: Buffer = nothing;
  // The first half of a surrogate pair may end a chunk.
  let highSurrogate = '';
  return {
    write(bytes) {
      const all = Buffer.concat([oddByte, bytes]);
      const even = all.length - (all.length % 2);
      oddByte = all.subarray(even);
      const text = highSurrogate + littleEndian(all.subarray(0, even)).toString('utf16le');
      highSurrogate = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
      return encode(text.slice(0, text.length - highSurrogate.length));
    },
    end: () => Buffer.concat([encode(highSurrogate), oddByte.length === 0 ? nothing : invalidByte]),
  };
}

/** Encodes text as UTF-8, with `invalidByte` for each lone surrogate. */
const encode = (text: string): Buffer => withInvalid(text, /\p{Surrogate}/u);

function withInvalid(text: string, invalid: RegExp): Buffer {
  const [first = '', ...others] = text.split(invalid);
  if (others.length === 0) return Buffer.from(first);
  return Buffer.concat([Buffer.from(first), ...others.flatMap((part) => [invalidByte, Buffer.from(part)])]);
}
