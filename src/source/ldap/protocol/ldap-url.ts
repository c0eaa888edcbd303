/** What an LDAP URL asks for (RFC 4516), at the server that gave it. */
export interface LdapUrl {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  /** RFC 4515. */
  readonly filter: string;
}

const scopes: ReadonlyMap<string, LdapUrl['scope']> = new Map([
  ['', 'base'],
  ['base', 'base'],
  ['one', 'one'],
  ['sub', 'sub'],
]);

/** @returns undefined for what is no LDAP URL, leads to another server, or demands an extension that is not understood */
export function parseLdapUrl(text: string): LdapUrl | undefined {
  const match = /^ldap:\/\/\/([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?([^?]*))?)?)?)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, base = '', , scope = '', filter = '', extensions = ''] = match;
  const scopeName = scopes.get(scope.toLowerCase());
  const demands = extensions.split(',').some((extension) => extension.startsWith('!'));
  if (scopeName === undefined || demands) return undefined;
  try {
    return {
      base: decodeURIComponent(base),
      scope: scopeName,
      filter: filter === '' ? '(objectClass=*)' : decodeURIComponent(filter),
    };
  } catch {
    return undefined;
  }
}
