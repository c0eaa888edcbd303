import type { Entry } from '../protocol/entry.ts';
import { equality, or, type Filter } from '../protocol/filter.ts';
import type { DirectoryProfile } from '../settings.ts';
import { guidBytes, idText } from '../protocol/values.ts';

/**
 * The handle of an immutable ID. Servers write one UUID in several forms (`8-4-4-4-12`, four groups of eight, 16 bytes
 * in a control), so the handle of a UUID holds its hexadecimal digits alone.
 */
export function identityHandle(id: string): string {
  const plain = id.trim().toLowerCase();
  const digits = plain.replaceAll('-', '');
  return `id:${isUuid(digits) ? digits : plain}`;
}

/** The handle of an entry; undefined where its ID is missing or malformed. */
export function identityHandleOf(
  { attributes }: Entry,
  { attribute, form }: DirectoryProfile['id'],
): string | undefined {
  const value = attributes.get(attribute.toLowerCase())?.values[0];
  const id = value === undefined ? undefined : idText(form, value);
  return id === undefined ? undefined : identityHandle(id);
}

/** Matches the entry with this handle in every form in which servers write the ID. */
export function identityFilter({ attribute, form }: DirectoryProfile['id'], handle: string): Filter {
  const id = handle.slice('id:'.length);
  if (!isUuid(id)) return equality(attribute, id);
  if (form === 'guid') return equality(attribute, guidBytes(id));
  return or(...[[8, 4, 4, 4, 12], [8, 8, 8, 8], [32]].map((lengths) => equality(attribute, formatUuid(id, lengths))));
}

const isUuid = (digits: string): boolean => /^[0-9a-f]{32}$/.test(digits);

function formatUuid(digits: string, lengths: readonly number[]): string {
  let at = 0;
  return lengths.map((length) => digits.slice(at, (at += length))).join('-');
}
