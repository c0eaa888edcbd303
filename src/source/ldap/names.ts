import { foldDn } from './dn.ts';
import type { Schema } from './schema.ts';

/** Folds a distinguished name, so that two spellings of one name are one text. */
export type FoldName = (dn: string) => string;

/** Compares values in names as the server's schema does: almost every type ignores case, and names without one that does not are quick. */
export function nameFolder(schema: Schema): FoldName {
  const exact = schema.caseExactNames.filter((name) => /^[a-z\d.-]+$/.test(name)).map((name) => name.replaceAll('.', '\\.'));
  if (exact.length === 0) return (dn) => foldDn(dn);
  const mentions = new RegExp(`(?:^|[,+;\\s.])(?:${exact.join('|')})\\s*=`, 'i');
  return (dn) => (mentions.test(dn) ? foldDn(dn, (type) => schema.isCaseExact(type)) : foldDn(dn));
}
