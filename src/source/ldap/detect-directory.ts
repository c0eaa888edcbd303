import type { RootDse } from './protocol/root-dse.ts';

/** Which kind of directory a server is, by what its root DSE says (RFC 4512 5.1). `generic` where nothing gives it away. */
export function detectDirectoryName(dse: RootDse): string {
  if (dse.isActiveDirectory) return 'activeDirectory';
  const names = [...dse.attributes.attributes.keys()];
  if (names.some((name) => name.startsWith('ipa'))) return 'freeipa';
  if (/389/.test(dse.vendorName ?? '') || /389-Directory/i.test(dse.vendorVersion ?? '')) return '389ds';
  const classes =
    dse.attributes.attributes.get('objectclass')?.values.map((value) => value.toString('latin1').toLowerCase()) ?? [];
  return classes.includes('openldaprootdse') ? 'openldap' : 'generic';
}
