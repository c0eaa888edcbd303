import type { Attributes } from '../../../model/record.ts';
import type { Entry, EntryAttribute } from '../protocol/entry.ts';
import type { NormaliseDn } from '../names/dn-normaliser.ts';
import type { Schema } from '../protocol/schema.ts';
import { valueReader } from '../protocol/values.ts';

/** The attributes of an entry as expressions use them. */
export interface PickedAttributes {
  readonly attributes: Attributes;
  /** Attribute → handle of the entry that it references. */
  readonly references: Readonly<Record<string, string>>;
}

/** Selects and decodes the used attributes of an entry. */
export type PickAttributes = (entry: Entry) => PickedAttributes;

/** Which attributes are selected, and how they are decoded. */
export interface AttributePickerOptions {
  /** Names in the spelling of the expressions, options included (`givenName;lang-de`); undefined: all attributes. */
  readonly used: ReadonlySet<string> | undefined;
  /** Attributes whose values are DNs of other entries. */
  readonly references: readonly string[];
  readonly binary: readonly string[];
  readonly schema: Schema;
  readonly normaliseDn: NormaliseDn;
}

/** Finds an attribute of an entry by any of its names, ignoring case; undefined where the entry does not have it. */
export type FindAttribute = (entry: Entry, name: string) => EntryAttribute | undefined;

/**
 * Servers may return an attribute in another case or under another of its names. A name without options matches only
 * the attribute without options; `;binary` is a transfer encoding, not an option (RFC 4522).
 */
export function attributeFinder(schema: Schema): FindAttribute {
  const cache = new Map<string, readonly string[]>();
  return (entry, name) => {
    let spellings = cache.get(name);
    if (spellings === undefined) cache.set(name, (spellings = spellingsOf(name, schema)));
    return firstAttribute(entry, spellings);
  };
}

/**
 * Picks attributes of entries, under the names that expressions use. Where expressions may use any attribute, each
 * appears under all its names: in the spelling of the server and of the schema, and in lower case.
 */
export function attributePicker({
  used,
  references,
  binary,
  schema,
  normaliseDn,
}: AttributePickerOptions): PickAttributes {
  const readValues = valueReader({ binary, schema });
  const referenceNames = new Set(references.flatMap((name) => schema.allNamesOf(name)));
  const find = attributeFinder(schema);
  return (entry) => {
    const attributes: Record<string, readonly string[]> = {};
    const references: Record<string, string> = {};
    const addAttribute = (name: string, found: EntryAttribute): void => {
      const plainName = found.name.toLowerCase().replace(/;.*$/s, '');
      if (referenceNames.has(plainName)) {
        const [first] = found.values;
        if (first !== undefined && first.length > 0) references[name] = `dn:${normaliseDn(first.toString('utf8'))}`;
        return;
      }
      const values = readValues(plainName, found.values).filter((value) => value.trim() !== '');
      if (values.length > 0) attributes[name] = values;
    };
    if (used === undefined) {
      attributes['dn'] = [entry.dn];
      for (const found of entry.attributes.values())
        for (const name of namesOf(found, schema)) addAttribute(name, found);
    } else {
      for (const name of used) {
        const found = find(entry, name);
        if (found !== undefined) addAttribute(name, found);
        else if (name.toLowerCase() === 'dn') attributes[name] = [entry.dn];
      }
    }
    return { attributes, references };
  };
}

function firstAttribute({ attributes }: Entry, spellings: readonly string[]): EntryAttribute | undefined {
  for (const spelling of spellings) {
    const found = attributes.get(spelling);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All names under which an expression can find the attribute. */
function namesOf({ name }: EntryAttribute, schema: Schema): ReadonlySet<string> {
  const [plain = '', ...options] = name.replace(/;binary$/i, '').split(';');
  const names = [plain, ...schema.spellings(plain)].map((each) => [each, ...options].join(';'));
  return new Set(names.flatMap((each) => [each, each.toLowerCase()]));
}

/** In lower case, the most likely one first. */
function spellingsOf(name: string, schema: Schema): readonly string[] {
  const [plain = '', ...options] = name.toLowerCase().split(';');
  const suffix = options.length === 0 ? '' : `;${options.join(';')}`;
  const names = [plain, ...schema.allNamesOf(plain).filter((other) => other !== plain)];
  return names.flatMap((each) => [`${each}${suffix}`, `${each}${suffix};binary`]);
}
