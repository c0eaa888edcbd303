import { BerError } from './ber.ts';

/** In bytes. A group with five million members stays below it. */
const maxMessageBytes = 1 << 30;

/**
 * Splits a byte stream into LDAP messages (RFC 4511 5.1). Chunks are joined once per complete message, not once per
 * chunk: a group with a million members arrives in a thousand chunks.
 */
export class Framing {
  private chunks: Buffer[] = [];
  private length = 0;
  /** Length of the current message in bytes, header included; undefined until the header is complete. */
  private expectedLength: number | undefined;

  /**
   * The messages that this chunk completes. @throws BerError where the bytes are not LDAP; the stream is unusable then
   */
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

/** The length of the message that starts here, header included; undefined where the header is incomplete. */
function messageLength(bytes: Buffer): number | undefined {
  if (bytes[0] !== 0x30) throw new BerError('not an LDAP message');
  const first = bytes[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new BerError('a message with an invalid length');
  if (bytes.length < 2 + size) return undefined;
  const length = bytes.readUIntBE(2, size);
  if (length > maxMessageBytes) throw new BerError(`a message of ${length} bytes`);
  return 2 + size + length;
}
