import { BerError } from './ber.ts';

/** Longer messages are no directory's: a group of five million members is shorter. In bytes. */
const maxMessageBytes = 1 << 30;

/**
 * Cuts a stream into LDAP messages (RFC 4511 5.1). Chunks are joined once a message is whole, not once for each chunk: a group with
 * a million members comes in a thousand of them.
 */
export class Framing {
  private chunks: Buffer[] = [];
  private length = 0;
  /** Length of the message that has begun; undefined while its header is not there yet. */
  private expectedLength: number | undefined;

  /** The messages that this chunk completes. @throws BerError where this cannot be LDAP; the stream is lost then */
  push(chunk: Buffer): readonly Buffer[] {
    this.chunks.push(chunk);
    this.length += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      if (this.expectedLength === undefined)
        this.expectedLength = this.length < 2 ? undefined : messageLength(this.head(6));
      if (this.expectedLength === undefined || this.length < this.expectedLength) return messages;
      const whole = this.joinChunks();
      messages.push(whole.subarray(0, this.expectedLength));
      const rest = whole.subarray(this.expectedLength);
      this.chunks = rest.length === 0 ? [] : [rest];
      this.length = rest.length;
      this.expectedLength = undefined;
    }
  }

  private head(size: number): Buffer {
    const first = this.chunks[0] ?? Buffer.alloc(0);
    return first.length >= size || this.chunks.length === 1 ? first : this.joinChunks();
  }

  private joinChunks(): Buffer {
    if (this.chunks.length > 1) this.chunks = [Buffer.concat(this.chunks, this.length)];
    return this.chunks[0] ?? Buffer.alloc(0);
  }
}

/** Header and content of the message that these bytes begin; undefined where the header is not whole. */
function messageLength(bytes: Buffer): number | undefined {
  if (bytes[0] !== 0x30) throw new BerError('this is no LDAP message');
  const first = bytes[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new BerError('a message with a length that LDAP does not have');
  if (bytes.length < 2 + size) return undefined;
  const length = bytes.readUIntBE(2, size);
  if (length > maxMessageBytes) throw new BerError(`a message of ${length} bytes`);
  return 2 + size + length;
}
