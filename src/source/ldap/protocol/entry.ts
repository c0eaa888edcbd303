import { BerReader, tags } from './ber.ts';

/** A SearchResultEntry (RFC 4511 4.5.2). */
export interface Entry {
  readonly dn: string;
  /** By attribute description in lower case, options included: `givenname;lang-de`, `member;range=0-1499`. */
  readonly attributes: ReadonlyMap<string, EntryAttribute>;
}

/** One attribute of an entry, RFC 4511 section 4.1.7. */
export interface EntryAttribute {
  /** The attribute description in the server's spelling. */
  readonly name: string;
  /** The raw bytes. The attribute decides how they are decoded, never their content. */
  readonly values: readonly Buffer[];
}

/**
 * Decodes the content of a SearchResultEntry. The values are views into the bytes.
 *
 * @throws BerError
 */
export function readEntry(bytes: Buffer): Entry {
  const reader = new BerReader(bytes);
  const dn = reader.text();
  const attributes = new Map<string, EntryAttribute>();
  const list = reader.inside(tags.sequence);
  while (!list.isAtEnd) {
    const attribute = list.inside(tags.sequence);
    const name = attribute.text();
    const set = attribute.inside(tags.set);
    const values: Buffer[] = [];
    while (!set.isAtEnd) values.push(set.octets());
    attributes.set(name.toLowerCase(), { name, values });
  }
  return { dn, attributes };
}
