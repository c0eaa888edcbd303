/**
 * The handle of an entry's identity. Servers write one UUID in several ways (`8-4-4-4-12`, four groups of eight, 16 bytes in a control),
 * so that what stands between its hexadecimal digits is left out.
 */
export function identityHandle(id: string): string {
  const plain = id.trim().toLowerCase();
  const digits = plain.replaceAll('-', '');
  return `id:${/^[0-9a-f]{32}$/.test(digits) ? digits : plain}`;
}
