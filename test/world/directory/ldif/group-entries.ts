import { ldifEntry, type Values } from './ldif-entry.ts';

type Attributes = Readonly<Record<string, Values>>;

const group =
  (objectClass: Values, attribute: string) =>
  (cn: string, base: string, members: Values, more: Attributes = {}): string =>
    ldifEntry(`cn=${cn},${base}`, { objectClass, cn, [attribute]: members, ...more });

/** Groups as the standard schemas have them, and the attribute that names members in each. */
export const groupOfNames = group('groupOfNames', 'member');
export const groupOfUniqueNames = group('groupOfUniqueNames', 'uniqueMember');
export const groupOfUrls = group('groupOfURLs', 'memberURL');
export const posixGroup = (cn: string, base: string, members: Values): string =>
  group('posixGroup', 'memberUid')(cn, base, members, { gidNumber: '4711' });
