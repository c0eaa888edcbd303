import type { Kind } from '../model/kind.ts';

/** What RFC 7643 says about one attribute, as far as a mapping must respect it. */
export interface Definition {
  /** The canonical spelling; names are compared without case (RFC 7643 section 2.1). */
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex';
  readonly multiValued: boolean;
  /** Sub-attributes of a complex attribute. */
  readonly parts: readonly Definition[];
}

/** Attributes of RFC 7643 section 3.1 and 4.1 (User) or 4.2 (Group), by lower-cased name. */
export function coreAttributes(kind: Kind): Definitions {
  return kind === 'User' ? userAttributes : groupAttributes;
}

/** The application's own, or (members, groups) synchronised as memberships: never mapped (RFC 7643 section 3.1, 4.1.2, 4.2). */
export const unmappable: ReadonlySet<string> = new Set(['id', 'meta', 'schemas', 'groups', 'members']);

type Definitions = ReadonlyMap<string, Definition>;

const text = (name: string): Definition => ({ name, type: 'string', multiValued: false, parts: [] });
const truth = (name: string): Definition => ({ name, type: 'boolean', multiValued: false, parts: [] });
const complex = (name: string, parts: string): Definition => {
  return { name, type: 'complex', multiValued: false, parts: parts.split(' ').map(part) };
};
const list = (name: string, parts: string): Definition => ({ ...complex(name, parts), multiValued: true });
const part = (name: string): Definition => (name === 'primary' ? truth(name) : text(name));

const byName = (definitions: readonly Definition[]): Definitions => {
  return new Map(definitions.map((definition) => [definition.name.toLowerCase(), definition]));
};

const element = 'value display type primary';

const userAttributes = byName([
  text('externalId'),
  text('userName'),
  complex('name', 'formatted familyName givenName middleName honorificPrefix honorificSuffix'),
  ...['displayName', 'nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone'].map(
    text,
  ),
  truth('active'),
  text('password'),
  ...['emails', 'phoneNumbers', 'ims', 'photos', 'entitlements', 'roles', 'x509Certificates'].map((name) =>
    list(name, element),
  ),
  list('addresses', 'formatted streetAddress locality region postalCode country type primary'),
]);

const groupAttributes = byName([text('externalId'), text('displayName')]);

/** Attributes of RFC 7643 section 4.3, by lower-cased name. */
export const enterpriseAttributes: Definitions = byName([
  ...['employeeNumber', 'costCenter', 'organization', 'division', 'department'].map(text),
  complex('manager', 'value $ref displayName'),
]);
