import type { Attributes } from '../../../model/record.ts';
import type { Entry, EntryAttribute } from '../protocol/entry.ts';
import type { NormaliseDn } from '../names/dn-normaliser.ts';
import type { Schema } from '../protocol/schema.ts';
import { valueReader } from '../protocol/values.ts';

export interface PickedAttributes {
  readonly attributes: Attributes;
  /** Attribute → handle of the entry that it names. */
  readonly references: Readonly<Record<string, string>>;
}

export type PickAttributes = (entry: Entry) => PickedAttributes;

export interface AttributePickerOptions {
  /** Names as expressions spell them, options included (`givenName;lang-de`); undefined: any. */
  readonly used: ReadonlySet<string> | undefined;
  /** Attributes that name other entries. */
  readonly references: readonly string[];
  readonly binary: readonly string[];
  readonly schema: Schema;
  readonly normaliseDn: NormaliseDn;
}

/** An attribute of an entry by any of its names, in any case; undefined where the entry has none. */
export type FindAttribute = (entry: Entry, name: string) => EntryAttribute | undefined;

/**
 * Whatever case or alias the server answers with. A name without options means the value without them; `;binary` is a way of transfer, no
 * option (RFC 4522).
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
 * Takes attributes out of entries, under the names by which they are used. Where any may be used, each stands under all its names: as the
 * server and its schema spell them, and in lower case.
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

/** Everything that an expression may well call it. */
function namesOf({ name }: EntryAttribute, schema: Schema): ReadonlySet<string> {
  const [plain = '', ...options] = name.replace(/;binary$/i, '').split(';');
  const names = [plain, ...schema.spellings(plain)].map((each) => [each, ...options].join(';'));
  return new Set(names.flatMap((each) => [each, each.toLowerCase()]));
}

/** In lower case, likeliest first. */
function spellingsOf(name: string, schema: Schema): readonly string[] {
  const [plain = '', ...options] = name.toLowerCase().split(';');
  const suffix = options.length === 0 ? '' : `;${options.join(';')}`;
  const names = [plain, ...schema.allNamesOf(plain).filter((other) => other !== plain)];
  return names.flatMap((each) => [`${each}${suffix}`, `${each}${suffix};binary`]);
}
