import type { Json } from '../../model/resource.ts';

/** Converts CEL's BigInt, Date and Uint8Array to JSON values (RFC 7643 section 2.3). */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [String(name), toJson(item)]));
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    // The remaining types are classes of the package: unsigned integer, duration, type.
    const plain: unknown = (value as object).valueOf();
    return typeof plain === 'bigint' ? Number(plain) : `${value as string}`;
  }
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, toJson(item)]));
}
