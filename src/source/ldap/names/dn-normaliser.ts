import { normaliseDn, standardType, type CanonicalType, type UnicodeForms } from './dn.ts';
import type { Schema } from '../protocol/schema.ts';

/** Normalises a DN, so that equal DNs become equal texts. */
export type NormaliseDn = (dn: string) => string;

/**
 * Normalises DNs by the schema of the server. Almost all attribute types ignore case; a DN without a case-exact type
 * takes a fast path.
 */
export function dnNormaliser(schema: Schema, unicodeForms: UnicodeForms): NormaliseDn {
  const canonicalType = typeCanonicaliser(schema);
  // By their names in the schema, and by their canonical names.
  const caseExactTypes = new Set(
    schema.caseExactNames.flatMap((name) => [name, canonicalType(name)]).filter((name) => /^[a-z\d.-]+$/.test(name)),
  );
  if (caseExactTypes.size === 0) return (dn) => normaliseDn(dn, undefined, canonicalType, unicodeForms);
  const caseExactPattern = new RegExp(
    `(?:^|[,+;\\s.])(?:${[...caseExactTypes].map((name) => name.replaceAll('.', '\\.')).join('|')})\\s*=`,
    'i',
  );
  return (dn) =>
    caseExactPattern.test(dn)
      ? normaliseDn(dn, (type) => caseExactTypes.has(type), canonicalType, unicodeForms)
      : normaliseDn(dn, undefined, canonicalType, unicodeForms);
}

/**
 * The first name of an attribute type in the schema. Standard types keep their short name, also where the schema is not
 * readable.
 */
function typeCanonicaliser(schema: Schema): CanonicalType {
  const cache = new Map<string, string>();
  return (type) => {
    let name = cache.get(type);
    if (name === undefined) {
      const standard = standardType(type);
      cache.set(type, (name = standard === type ? standardType(schema.allNamesOf(type)[0] ?? type) : standard));
    }
    return name;
  };
}
