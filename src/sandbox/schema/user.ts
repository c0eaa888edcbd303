import { coreUserSchema } from '../../model/path.ts';
import { attribute, type AttributeDefinition, type Schema } from './definition.ts';

const nameSubAttributes: readonly AttributeDefinition[] = [
  attribute('formatted', 'string', 'The full name, as it is to be shown.'),
  attribute('familyName', 'string', 'The family name, or last name.'),
  attribute('givenName', 'string', 'The given name, or first name.'),
  attribute('middleName', 'string', 'Middle names.'),
  attribute('honorificPrefix', 'string', 'Titles before the name.'),
  attribute('honorificSuffix', 'string', 'Suffixes after the name.'),
];

const addressSubAttributes: readonly AttributeDefinition[] = [
  attribute('formatted', 'string', 'The whole address, as for a label.'),
  attribute('streetAddress', 'string', 'Street, house number, post box.'),
  attribute('locality', 'string', 'City or locality.'),
  attribute('region', 'string', 'State or region.'),
  attribute('postalCode', 'string', 'Postal code.'),
  attribute('country', 'string', 'Country, ISO 3166-1 alpha-2.'),
  attribute('type', 'string', 'What it is for: work, home, other.'),
  attribute('primary', 'boolean', 'Whether it is the preferred one; at most one element is.'),
];

/** RFC 7643 section 4.1; representation as in section 8.7.1. */
export const userSchema: Schema = {
  id: coreUserSchema,
  name: 'User',
  description: 'User Account',
  attributes: [
    attribute('userName', 'string', 'The name by which the user signs in.', { required: true, uniqueness: 'server' }),
    attribute('name', 'complex', 'The parts of the user’s name.', { subAttributes: nameSubAttributes }),
    attribute('displayName', 'string', 'The name to be shown.'),
    attribute('nickName', 'string', 'The casual way to address the user.'),
    attribute('profileUrl', 'reference', 'The user’s online profile.', {
      referenceTypes: ['external'],
      caseExact: true,
    }),
    attribute('title', 'string', 'Title in the organisation.'),
    attribute('userType', 'string', 'Relation between organisation and person.'),
    attribute('preferredLanguage', 'string', 'Preferred languages, as in Accept-Language.'),
    attribute('locale', 'string', 'Default location for dates, numbers and currency.'),
    attribute('timezone', 'string', 'Time zone by its IANA name.'),
    attribute('active', 'boolean', 'Whether the user may sign in.'),
    attribute('password', 'string', 'Clear-text password; accepted and never returned.', {
      mutability: 'writeOnly',
      returned: 'never',
      caseExact: true,
    }),
    multiValuedAttribute('emails', 'string', 'E-mail addresses.'),
    multiValuedAttribute('phoneNumbers', 'string', 'Telephone numbers.'),
    multiValuedAttribute('ims', 'string', 'Instant messaging addresses.'),
    multiValuedAttribute('photos', 'reference', 'URLs of photos.'),
    attribute('addresses', 'complex', 'Postal addresses.', { multiValued: true, subAttributes: addressSubAttributes }),
    attribute('groups', 'complex', 'Groups to which the user belongs.', {
      multiValued: true,
      mutability: 'readOnly',
      subAttributes: groupSubAttributes(),
    }),
    multiValuedAttribute('entitlements', 'string', 'Things that the user is entitled to.'),
    multiValuedAttribute('roles', 'string', 'Roles of the user.'),
    multiValuedAttribute('x509Certificates', 'binary', 'Certificates, base64 of DER.'),
  ],
};

/** A multi-valued attribute with the sub-attributes of RFC 7643 section 2.4. */
function multiValuedAttribute(
  plural: string,
  type: AttributeDefinition['type'],
  description: string,
): AttributeDefinition {
  return attribute(plural, 'complex', description, {
    multiValued: true,
    subAttributes: [
      attribute('value', type, 'The value itself.', type === 'string' ? {} : { caseExact: true }),
      attribute('display', 'string', 'A name for the value, to be shown.'),
      attribute('type', 'string', 'What it is for: work, home, other.'),
      attribute('primary', 'boolean', 'Whether it is the preferred one; at most one element is.'),
    ],
  });
}

function groupSubAttributes(): readonly AttributeDefinition[] {
  const characteristics = { mutability: 'readOnly' } as const;
  return [
    attribute('value', 'string', 'The group’s id.', { ...characteristics, caseExact: true }),
    attribute('$ref', 'reference', 'The group’s URI.', {
      ...characteristics,
      caseExact: true,
      referenceTypes: ['Group'],
    }),
    attribute('display', 'string', 'The group’s displayName.', characteristics),
    attribute('type', 'string', 'direct or indirect.', characteristics),
  ];
}
