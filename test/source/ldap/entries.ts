import { berElement, berOctets, tags } from '../../../src/source/ldap/protocol/ber.ts';
import { readEntry, type Entry } from '../../../src/source/ldap/protocol/entry.ts';

export type Values = Readonly<Record<string, readonly (string | Buffer)[]>>;

/** The content of a SearchResultEntry. */
export function entryBytes(dn: string, attributes: Values = {}): Buffer {
  const written = Object.entries(attributes).map(([name, values]) =>
    berElement(
      tags.sequence,
      berOctets(name),
      berElement(tags.set, Buffer.concat(values.map((value) => berOctets(value)))),
    ),
  );
  return Buffer.concat([berOctets(dn), berElement(tags.sequence, ...written)]);
}

/** An entry as it comes from a server. */
export const entryOf = (attributes: Values, dn = 'uid=ada,dc=example,dc=test'): Entry =>
  readEntry(entryBytes(dn, attributes));

export const attributesOf = (attributes: Values): Entry['attributes'] => entryOf(attributes).attributes;
