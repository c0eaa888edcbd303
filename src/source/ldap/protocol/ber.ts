import { IncompleteReading } from '../../../model/errors.ts';
import { incomplete } from './incomplete-reading.ts';

/** Tags of the Basic Encoding Rules (X.690) as LDAP uses them (RFC 4511 5.1). */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The bytes are not valid BER, or hold another element than expected. */
export class BerError extends IncompleteReading {
  readonly problem: string;

  constructor(problem: string) {
    super(
      'ldap.malformedMessage',
      (consequence) => `The directory sent a message that cannot be decoded: ${problem}. ${incomplete(consequence)}`,
    );
    this.problem = problem;
  }
}

/** Reads BER elements in sequence. The returned buffers are views into the given bytes. */
export class BerReader {
  private readonly bytes: Buffer;
  private at: number;
  private readonly end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** The tag of the next element; undefined at the end. */
  peek(): number | undefined {
    return this.isAtEnd ? undefined : this.bytes[this.at];
  }

  /** The content of the next element. @throws BerError */
  element(tag: number): Buffer {
    const { start, stop } = this.enter(tag);
    return this.bytes.subarray(start, stop);
  }

  /** A reader for the content of the next element. @throws BerError */
  inside(tag: number): BerReader {
    const { start, stop } = this.enter(tag);
    return new BerReader(this.bytes, start, stop);
  }

  integer(tag: number = tags.integer): number {
    const content = this.element(tag);
    if (content.length === 0 || content.length > 6) throw new BerError(`an integer of ${content.length} bytes`);
    return content.readIntBE(0, content.length);
  }

  boolean(tag: number = tags.boolean): boolean {
    const content = this.element(tag);
    if (content.length !== 1) throw new BerError(`a boolean of ${content.length} bytes`);
    return content[0] !== 0;
  }

  octets(tag: number = tags.octetString): Buffer {
    return this.element(tag);
  }

  text(tag: number = tags.octetString): string {
    return this.element(tag).toString('utf8');
  }

  skip(): void {
    this.enter(this.peek() ?? -1);
  }

  private enter(tag: number): { readonly start: number; readonly stop: number } {
    const actualTag = this.peek();
    if (actualTag !== tag)
      throw new BerError(`expected element ${hex(tag)}, found ${actualTag === undefined ? 'the end' : hex(actualTag)}`);
    let start = this.at + 2;
    let length = this.bytes[this.at + 1] ?? NaN;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4 || start + size > this.end) throw new BerError('an invalid length');
      length = this.bytes.readUIntBE(start, size);
      start += size;
    }
    const stop = start + length;
    if (!(stop <= this.end)) throw new BerError('an element longer than the element around it');
    this.at = stop;
    return { start, stop };
  }
}

/** An element with this content. */
export function berElement(tag: number, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...berLength(length)]), ...content]);
}

/** An integer of at most 48 bits. */
export function berInteger(value: number, tag: number = tags.integer): Buffer {
  let size = 1;
  while (size < 6 && (value < -(2 ** (8 * size - 1)) || value >= 2 ** (8 * size - 1))) size += 1;
  const content = Buffer.alloc(size);
  content.writeIntBE(value, 0, size);
  return berElement(tag, content);
}

/** Encodes a BOOLEAN; true is 0xFF (RFC 4511 section 5.1). */
export const berBoolean = (value: boolean, tag: number = tags.boolean): Buffer =>
  berElement(tag, Buffer.from([value ? 0xff : 0]));

/** Encodes an OCTET STRING; text as UTF-8. */
export const berOctets = (value: Buffer | string, tag: number = tags.octetString): Buffer =>
  berElement(tag, Buffer.from(value));

function berLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

const hex = (tag: number): string => `0x${tag.toString(16).padStart(2, '0')}`;
