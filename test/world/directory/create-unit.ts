import { ldifEntry, type Values } from './ldif/ldif-entry.ts';
import type { DirectoryServer } from './servers/server.ts';

type Attributes = Readonly<Record<string, Values>>;

export function person(uid: string, base: string, more: Attributes = {}): string {
  return ldifEntry(`uid=${uid},${base}`, { objectClass: 'inetOrgPerson', uid, cn: uid, sn: 'Test', ...more });
}

/**
 * An organisational unit with these people, so that tests that share one server do not see each other.
 *
 * @returns its DN
 */
export async function createUnit(
  server: Pick<DirectoryServer, 'suffix' | 'change'>,
  name: string,
  people: Readonly<Record<string, Attributes>>,
): Promise<string> {
  const base = `ou=${name},${server.suffix}`;
  const all = Object.entries(people).map(([uid, more]) => person(uid, base, more));
  await server.change([ldifEntry(base, { objectClass: 'organizationalUnit', ou: name }), ...all].join('\n'));
  return base;
}
