import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';

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

/**
 * Decompresses a body. A body without a coding is returned as it is.
 *
 * @param maxBytes of the result
 * @returns undefined: the result would be larger
 * @throws Error for an unknown coding or a damaged body
 */
export async function decompress(
  body: Buffer,
  codings: readonly string[],
  maxBytes: number,
): Promise<Buffer | undefined> {
  let decoded = body;
  for (const coding of [...codings].reverse()) {
    if (decoded.length === 0) return decoded;
    const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decode === undefined) throw new Error(`the answer has the unknown Content-Encoding "${coding}"`);
    try {
      decoded = await decode(decoded, { maxOutputLength: maxBytes });
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
      throw error;
    }
  }
  return decoded;
}
