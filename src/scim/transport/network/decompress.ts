import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import { maxResponseBytes, tooLarge } from './exchange.ts';

type Decode = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const inflateWithHeader = promisify(inflate);
const inflateWithoutHeader = promisify(inflateRaw);

/** The content codings of RFC 9110 section 8.4.1, and that of RFC 7932. */
const decoders: Readonly<Record<string, Decode>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  // "deflate" is a zlib stream; some servers send the stream without its header.
  deflate: (body, options) =>
    ((body[0] ?? 0) & 0x0f) === 8 ? inflateWithHeader(body, options) : inflateWithoutHeader(body, options),
  br: promisify(brotliDecompress),
};

/** The value of Accept-Encoding. */
export const acceptedCodings = 'gzip, deflate, br';

/** The codings of a body in the order in which they were applied, without those that change nothing. */
export const codingsOf = (contentEncoding: string | undefined): readonly string[] =>
  (contentEncoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');

/**
 * Decompresses a body. A body without a coding is returned as it is.
 *
 * @throws Error for an unknown coding, a damaged body, or one that is larger than `maxResponseBytes`
 */
export async function decompress(body: Buffer, codings: readonly string[]): Promise<Buffer> {
  let decoded = body;
  for (const coding of [...codings].reverse()) {
    if (decoded.length === 0) return decoded;
    const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decode === undefined) throw new Error(`the answer has the unknown Content-Encoding "${coding}"`);
    decoded = await decode(decoded, { maxOutputLength: maxResponseBytes }).catch((error: unknown) => {
      throw (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : error;
    });
  }
  return decoded;
}
