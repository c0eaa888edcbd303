import { foldDn, standardName, type NameType } from './dn.ts';
import type { Schema } from './schema.ts';

/** Folds a distinguished name, so that two spellings of one name are one text. */
export type FoldName = (dn: string) => string;

/** Compares values in names as the server's schema does: almost every type ignores case, and names without one that does not are quick. */
export function nameFolder(schema: Schema): FoldName {
  const exact = schema.caseExactNames.filter((name) => /^[a-z\d.-]+$/.test(name)).map((name) => name.replaceAll('.', '\\.'));
  const nameType = typeNamer(schema);
  if (exact.length === 0) return (dn) => foldDn(dn, undefined, nameType);
  const mentions = new RegExp(`(?:^|[,+;\\s.])(?:${exact.join('|')})\\s*=`, 'i');
  return (dn) => (mentions.test(dn) ? foldDn(dn, (type) => schema.isCaseExact(type), nameType) : foldDn(dn, undefined, nameType));
}

/** A type by the first of its names in the schema. The standard ones are the same whatever the schema says, also where the server shows none. */
function typeNamer(schema: Schema): NameType {
  const known = new Map<string, string>();
  return (type) => {
    let name = known.get(type);
    if (name === undefined) {
      const standard = standardName(type);
      known.set(type, name = standard === type ? standardName(schema.sameAs(type)[0] ?? type) : standard);
    }
    return name;
  };
}
