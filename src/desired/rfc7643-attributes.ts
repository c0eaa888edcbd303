import type { ResourceType } from '../model/resource-type.ts';

/** The definition of one attribute in RFC 7643, reduced to what a mapping needs. */
export interface AttributeDefinition {
  /** The canonical spelling; names are compared without case (RFC 7643 section 2.1). */
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex';
  readonly multiValued: boolean;
  /** Sub-attributes of a complex attribute. */
  readonly subAttributes: readonly AttributeDefinition[];
}

/** Attributes of RFC 7643 section 3.1 and 4.1 (User) or 4.2 (Group), by lower-cased name. */
export function coreAttributes(resourceType: ResourceType): AttributeDefinitions {
  return resourceType === 'User' ? userAttributes : groupAttributes;
}

/** Read-only, or (members, groups) synchronised as memberships: never mapped (RFC 7643 section 3.1, 4.1.2, 4.2). */
export const unmappableAttributes: ReadonlySet<string> = new Set(['id', 'meta', 'schemas', 'groups', 'members']);

type AttributeDefinitions = ReadonlyMap<string, AttributeDefinition>;

const text = (name: string): AttributeDefinition => ({ name, type: 'string', multiValued: false, subAttributes: [] });
const boolean = (name: string): AttributeDefinition => ({
  name,
  type: 'boolean',
  multiValued: false,
  subAttributes: [],
});
const complex = (name: string, subAttributes: string): AttributeDefinition => {
  return { name, type: 'complex', multiValued: false, subAttributes: subAttributes.split(' ').map(subAttribute) };
};
const multiValued = (name: string, subAttributes: string): AttributeDefinition => ({
  ...complex(name, subAttributes),
  multiValued: true,
});
const subAttribute = (name: string): AttributeDefinition => (name === 'primary' ? boolean(name) : text(name));

const byName = (definitions: readonly AttributeDefinition[]): AttributeDefinitions => {
  return new Map(definitions.map((definition) => [definition.name.toLowerCase(), definition]));
};

const elementSubAttributes = 'value display type primary';

const userAttributes = byName([
  text('externalId'),
  text('userName'),
  complex('name', 'formatted familyName givenName middleName honorificPrefix honorificSuffix'),
  ...['displayName', 'nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone'].map(
    text,
  ),
  boolean('active'),
  text('password'),
  ...['emails', 'phoneNumbers', 'ims', 'photos', 'entitlements', 'roles', 'x509Certificates'].map((name) =>
    multiValued(name, elementSubAttributes),
  ),
  multiValued('addresses', 'formatted streetAddress locality region postalCode country type primary'),
]);

const groupAttributes = byName([text('externalId'), text('displayName')]);

/** Attributes of RFC 7643 section 4.3, by lower-cased name. */
export const enterpriseAttributes: AttributeDefinitions = byName([
  ...['employeeNumber', 'costCenter', 'organization', 'division', 'department'].map(text),
  complex('manager', 'value $ref displayName'),
]);
