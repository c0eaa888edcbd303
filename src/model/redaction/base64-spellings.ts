/**
 * How a value looks inside a longer text that is encoded in base64 or base64url (RFC 4648). Base64 takes three bytes at
 * a time, so the same value looks different at each of three offsets, and the characters at its two ends depend on its
 * neighbours; those are omitted.
 *
 *     offset 0  |abc|def|      offset 1  |?ab|cde|f??|      offset 2  |??a|bcd|ef?|
 */
export function base64Spellings(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const padding = Buffer.alloc(offset);
    const encoded = Buffer.concat([padding, bytes]).toString('base64').replace(/=+$/, '');
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    const stable = encoded.slice(first, last);
    return [stable, stable.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
