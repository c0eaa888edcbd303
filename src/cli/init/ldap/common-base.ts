import { isUnder, normaliseDn, parentDn } from '../../../source/ldap/names/dn.ts';

/**
 * The lowest entry below which all entries are: `ou=people,dc=x` for `uid=ada,ou=people,dc=x` and
 * `uid=bob,ou=it,ou=people,dc=x`.
 *
 * @param dns in the spelling of the server
 * @returns undefined where there are no entries, or where they share no parent
 */
export function commonBase(dns: readonly string[]): string | undefined {
  const [first, ...others] = dns;
  let base = first === undefined ? undefined : parentDn(first);
  for (const dn of others) {
    const entry = normaliseDn(dn);
    while (base !== undefined && !isStrictlyUnder(entry, normaliseDn(base))) base = parentDn(base);
  }
  return base;
}

const isStrictlyUnder = (entry: string, base: string): boolean => entry !== base && isUnder(entry, base);
