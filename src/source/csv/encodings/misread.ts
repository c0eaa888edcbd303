import { multiByteEncodings } from '../../../model/reading/encodings.ts';
import type { DetectedEncoding } from './encoding.ts';
import { fittingEncodings } from './guess-encoding.ts';
import { canonicalEncoding } from './misreadings.ts';
import type { Content } from '../../table/content.ts';

/** In an encoding with several bytes for a character, few characters can be valid UTF-8 by chance. */
const chanceSequences = 10;

/** Looks at the bytes of a file for evidence that they are UTF-8 and not in the configured encoding. */
export interface MisreadCheck {
  add(chunk: Buffer): void;
  /** Whether the whole file is UTF-8 with characters beyond ASCII. */
  isMisread(): boolean;
}

/** @param encoding a file in UTF-8 or UTF-16 is not examined, because invalid bytes are found when it is decoded */
export function openMisreadCheck(encoding: DetectedEncoding['encoding']): MisreadCheck {
  if (encoding.startsWith('utf-')) return { add: () => undefined, isMisread: () => false };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isUtf8 = true;
  let sequences = 0;
  const decode = (chunk?: Buffer): void => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      isUtf8 = false;
    }
  };
  return {
    add(chunk) {
      if (!isUtf8) return;
      decode(chunk);
      for (const byte of chunk) if (byte >= 0xc2) sequences += 1;
    },
    isMisread() {
      if (isUtf8) decode();
      return isUtf8 && sequences > (multiByteEncodings.has(encoding) ? chanceSequences : 0);
    },
  };
}

/** In bytes. */
const maxSampleSize = 64 * 1024;

/**
 * The encoding in which the lines beyond ASCII of a file are plausible text, and contain values that are known.
 *
 * @param known values that the source had before
 * @returns undefined where that is the encoding in which the file is read, or where none fits
 */
export async function fittingEncoding(
  content: Content,
  { encoding }: DetectedEncoding,
  known: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return undefined;
  const lines: Buffer[] = [];
  let size = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of content.chunks(signal)) {
    rest = Buffer.concat([rest, chunk]);
    const end = Math.max(rest.lastIndexOf(0x0a), rest.lastIndexOf(0x0d));
    const complete = end === -1 && rest.length < maxSampleSize ? Buffer.alloc(0) : rest.subarray(0, end + 1);
    for (const line of linesBeyondAscii(complete)) {
      if (size >= maxSampleSize) break;
      lines.push(line);
      size += line.length;
    }
    rest = Buffer.from(rest.subarray(complete.length));
    if (size >= maxSampleSize) break;
  }
  for (const line of linesBeyondAscii(rest)) if (size < maxSampleSize) lines.push(line);
  const fitting = lines.length === 0 ? [] : fittingEncodings(Buffer.concat(lines), known);
  return fitting.includes(canonicalEncoding(encoding)) ? undefined : fitting[0];
}

function* linesBeyondAscii(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const breaks = [bytes.indexOf(0x0a, start), bytes.indexOf(0x0d, start)].filter((at) => at !== -1);
    const end = breaks.length === 0 ? bytes.length : Math.min(...breaks) + 1;
    const line = bytes.subarray(start, end);
    if (line.some((byte) => byte > 0x7f)) yield Buffer.from(line);
    start = end;
  }
}
