import { foldDn, standardName, type NameType } from './dn.ts';
import type { Schema } from './schema.ts';

/** Folds a distinguished name, so that two spellings of one name are one text. */
export type FoldName = (dn: string) => string;

/** Compares values in names as the server's schema does: almost every type ignores case, and names without one that does not are quick. */
export function nameFolder(schema: Schema): FoldName {
  const nameType = typeNamer(schema);
  // By the names of the schema, and by those that stand in folded names.
  const exact = new Set(
    schema.caseExactNames.flatMap((name) => [name, nameType(name)]).filter((name) => /^[a-z\d.-]+$/.test(name)),
  );
  if (exact.size === 0) return (dn) => foldDn(dn, undefined, nameType);
  const mentions = new RegExp(
    `(?:^|[,+;\\s.])(?:${[...exact].map((name) => name.replaceAll('.', '\\.')).join('|')})\\s*=`,
    'i',
  );
  return (dn) =>
    mentions.test(dn) ? foldDn(dn, (type) => exact.has(type), nameType) : foldDn(dn, undefined, nameType);
}

/** A type by the first of its names in the schema. The standard ones are the same whatever the schema says, also where the server shows none. */
function typeNamer(schema: Schema): NameType {
  const known = new Map<string, string>();
  return (type) => {
    let name = known.get(type);
    if (name === undefined) {
      const standard = standardName(type);
      known.set(type, (name = standard === type ? standardName(schema.sameAs(type)[0] ?? type) : standard));
    }
    return name;
  };
}
