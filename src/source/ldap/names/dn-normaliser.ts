import { normaliseDn, standardType, type CanonicalType } from './dn.ts';
import type { Schema } from '../protocol/schema.ts';

/** Normalises a distinguished name, so that two spellings of one name are one text. */
export type NormaliseDn = (dn: string) => string;

/** Compares values in names as the server's schema does: almost every type ignores case, and names without one that does not are quick. */
export function dnNormaliser(schema: Schema): NormaliseDn {
  const canonicalType = typeCanonicaliser(schema);
  // By the names of the schema, and by those that stand in normalised names.
  const caseExactTypes = new Set(
    schema.caseExactNames.flatMap((name) => [name, canonicalType(name)]).filter((name) => /^[a-z\d.-]+$/.test(name)),
  );
  if (caseExactTypes.size === 0) return (dn) => normaliseDn(dn, undefined, canonicalType);
  const caseExactPattern = new RegExp(
    `(?:^|[,+;\\s.])(?:${[...caseExactTypes].map((name) => name.replaceAll('.', '\\.')).join('|')})\\s*=`,
    'i',
  );
  return (dn) =>
    caseExactPattern.test(dn)
      ? normaliseDn(dn, (type) => caseExactTypes.has(type), canonicalType)
      : normaliseDn(dn, undefined, canonicalType);
}

/** A type by the first of its names in the schema. The standard ones are the same whatever the schema says, also where the server shows none. */
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
