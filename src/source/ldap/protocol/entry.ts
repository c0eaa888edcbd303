import { BerReader, tags } from './ber.ts';

/** One entry of a directory, as a search gives it. */
export interface Entry {
  readonly dn: string;
  /** By attribute description in lower case, options included: `givenname;lang-de`, `member;range=0-1499`. */
  readonly attributes: ReadonlyMap<string, EntryAttribute>;
}

export interface EntryAttribute {
  /** As the server spells it. */
  readonly name: string;
  /** As bytes: what they mean is for the attribute to say, never for the bytes. */
  readonly values: readonly Buffer[];
}

/**
 * Reads the content of a SearchResultEntry (RFC 4511 4.5.2), which is its name and its attributes. Values are views into the bytes.
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
