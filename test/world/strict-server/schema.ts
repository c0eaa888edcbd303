import { ScimError } from './scim-error.ts';

export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const coreUser = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const coreGroup = 'urn:ietf:params:scim:schemas:core:2.0:Group';

export type ResourceType = 'User' | 'Group';
export type Resource = { [name: string]: unknown };

/** Type of an attribute: a simple type, the sub-attributes of a complex one, or those of each element of a list. */
export type AttributeSchema =
  | 'string'
  | 'boolean'
  | { readonly [sub: string]: AttributeSchema }
  | { readonly each: { readonly [sub: string]: AttributeSchema } };

const multiValued = { each: { value: 'string', display: 'string', type: 'string', primary: 'boolean' } } as const;

/** RFC 7643 sections 4.1 and 4.3, without read-only attributes (id, meta, groups) and passwords. */
const user: { readonly [name: string]: AttributeSchema } = {
  externalId: 'string',
  userName: 'string',
  name: {
    formatted: 'string',
    familyName: 'string',
    givenName: 'string',
    middleName: 'string',
    honorificPrefix: 'string',
    honorificSuffix: 'string',
  },
  displayName: 'string',
  nickName: 'string',
  profileUrl: 'string',
  title: 'string',
  userType: 'string',
  preferredLanguage: 'string',
  locale: 'string',
  timezone: 'string',
  active: 'boolean',
  emails: multiValued,
  phoneNumbers: multiValued,
  ims: multiValued,
  photos: multiValued,
  entitlements: multiValued,
  roles: multiValued,
  addresses: {
    each: {
      formatted: 'string',
      streetAddress: 'string',
      locality: 'string',
      region: 'string',
      postalCode: 'string',
      country: 'string',
      type: 'string',
      primary: 'boolean',
    },
  },
  [enterprise]: {
    employeeNumber: 'string',
    costCenter: 'string',
    organization: 'string',
    division: 'string',
    department: 'string',
    manager: { value: 'string', displayName: 'string', $ref: 'string' },
  },
};

const group: { readonly [name: string]: AttributeSchema } = {
  externalId: 'string',
  displayName: 'string',
  members: { each: { value: 'string', display: 'string', type: 'string', $ref: 'string' } },
};

export const attributeSchemas: {
  readonly [resourceType in ResourceType]: { readonly [name: string]: AttributeSchema };
} = {
  User: user,
  Group: group,
};

/** Read-only (RFC 7643 section 7): ignored in a POST or PUT, rejected in a PATCH. */
export const readOnlyAttributes: readonly string[] = ['id', 'meta', 'groups'];

export const nameIn = (object: object, name: string): string | undefined =>
  Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());

/**
 * Validates a POST or PUT body. @returns the attributes in the spelling of the schema
 * @throws ScimError 400
 */
export function validateResource(resourceType: ResourceType, body: unknown): Resource {
  if (!isObject(body)) throw new ScimError(400, 'the body must be a JSON object', 'invalidSyntax');
  const schemas = body['schemas'];
  const core = resourceType === 'User' ? coreUser : coreGroup;
  if (!Array.isArray(schemas) || !schemas.includes(core))
    throw new ScimError(400, `schemas must contain ${core}`, 'invalidSyntax');
  const validated: Resource = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'schemas' || readOnlyAttributes.includes(name)) continue;
    const canonicalName = nameIn(attributeSchemas[resourceType], name);
    if (canonicalName === undefined) throw new ScimError(400, `unknown attribute ${name}`, 'invalidValue');
    if (canonicalName === enterprise && !schemas.includes(enterprise))
      throw new ScimError(400, `schemas does not contain ${enterprise}`, 'invalidSyntax');
    const checked = validateValue(attributeSchemas[resourceType][canonicalName] ?? 'string', value, canonicalName);
    if (checked !== undefined) validated[canonicalName] = checked;
  }
  return validated;
}

/** Validates a value. @returns undefined if it is unassigned (RFC 7643 section 2.5) @throws ScimError 400 */
export function validateValue(schema: AttributeSchema, value: unknown, path: string): unknown {
  if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  if (schema === 'string' || schema === 'boolean') {
    if (typeof value !== schema)
      throw new ScimError(400, `${path} must be a ${schema}, is ${JSON.stringify(value)}`, 'invalidValue');
    return value;
  }
  if (isList(schema)) {
    if (!Array.isArray(value)) throw new ScimError(400, `${path} must be a list`, 'invalidValue');
    const elements = value.map((element) => validateValue(schema.each, element, path));
    if (elements.filter((element) => (element as Resource | undefined)?.['primary'] === true).length > 1) {
      throw new ScimError(400, `${path} has more than one primary`, 'invalidValue');
    }
    return elements;
  }
  if (!isObject(value))
    throw new ScimError(400, `${path} must be an object, is ${JSON.stringify(value)}`, 'invalidValue');
  const validated: Resource = {};
  for (const [name, part] of Object.entries(value)) {
    const canonicalName = nameIn(schema, name);
    if (canonicalName === undefined) throw new ScimError(400, `unknown attribute ${path}.${name}`, 'invalidValue');
    const checked = validateValue(schema[canonicalName] ?? 'string', part, `${path}.${canonicalName}`);
    if (checked !== undefined) validated[canonicalName] = checked;
  }
  return Object.keys(validated).length === 0 ? undefined : validated;
}

export function isList(
  schema: AttributeSchema,
): schema is { readonly each: { readonly [sub: string]: AttributeSchema } } {
  return typeof schema === 'object' && typeof schema['each'] === 'object';
}

export function isObject(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
