import { Refusal } from './scim-error.ts';

export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const coreUser = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const coreGroup = 'urn:ietf:params:scim:schemas:core:2.0:Group';

export type Kind = 'User' | 'Group';
export type Resource = { [name: string]: unknown };

/** What may stand in an attribute: a leaf type, the sub-attributes of a complex one, or a list of elements. */
export type Shape =
  'string' | 'boolean' | { readonly [sub: string]: Shape } | { readonly each: { readonly [sub: string]: Shape } };

const labelled = { each: { value: 'string', display: 'string', type: 'string', primary: 'boolean' } } as const;

/** RFC 7643 sections 4.1 and 4.3, without what a client may not write (id, meta, groups) and without passwords. */
const user: { readonly [name: string]: Shape } = {
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
  emails: labelled,
  phoneNumbers: labelled,
  ims: labelled,
  photos: labelled,
  entitlements: labelled,
  roles: labelled,
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

const group: { readonly [name: string]: Shape } = {
  externalId: 'string',
  displayName: 'string',
  members: { each: { value: 'string', display: 'string', type: 'string', $ref: 'string' } },
};

export const shapes: { readonly [kind in Kind]: { readonly [name: string]: Shape } } = { User: user, Group: group };

/** Named by the server alone; ignored in a POST or PUT, refused in a PATCH (RFC 7643 section 7, readOnly). */
export const readOnly: readonly string[] = ['id', 'meta', 'groups'];

export const nameIn = (object: object, name: string): string | undefined =>
  Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());

/**
 * A POST or PUT body as it is stored: known attributes in their canonical spelling, every type checked.
 * @throws Refusal 400
 */
export function accept(kind: Kind, body: unknown): Resource {
  if (!isObject(body)) throw new Refusal(400, 'the body must be a JSON object', 'invalidSyntax');
  const schemas = body['schemas'];
  const core = kind === 'User' ? coreUser : coreGroup;
  if (!Array.isArray(schemas) || !schemas.includes(core))
    throw new Refusal(400, `schemas must hold ${core}`, 'invalidSyntax');
  const accepted: Resource = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'schemas' || readOnly.includes(name)) continue;
    const known = nameIn(shapes[kind], name);
    if (known === undefined) throw new Refusal(400, `unknown attribute ${name}`, 'invalidValue');
    if (known === enterprise && !schemas.includes(enterprise))
      throw new Refusal(400, `schemas does not name ${enterprise}`, 'invalidSyntax');
    const checked = conform(shapes[kind][known] ?? 'string', value, known);
    if (checked !== undefined) accepted[known] = checked;
  }
  return accepted;
}

/** A value in the shape it must have; undefined for what RFC 7643 section 2.5 calls unassigned. @throws Refusal 400 */
export function conform(shape: Shape, value: unknown, at: string): unknown {
  if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  if (shape === 'string' || shape === 'boolean') {
    if (typeof value !== shape)
      throw new Refusal(400, `${at} must be a ${shape}, is ${JSON.stringify(value)}`, 'invalidValue');
    return value;
  }
  if (isList(shape)) {
    if (!Array.isArray(value)) throw new Refusal(400, `${at} must be a list`, 'invalidValue');
    const elements = value.map((element) => conform(shape.each, element, at));
    if (elements.filter((element) => (element as Resource | undefined)?.['primary'] === true).length > 1) {
      throw new Refusal(400, `${at} has more than one primary`, 'invalidValue');
    }
    return elements;
  }
  if (!isObject(value)) throw new Refusal(400, `${at} must be an object, is ${JSON.stringify(value)}`, 'invalidValue');
  const accepted: Resource = {};
  for (const [name, part] of Object.entries(value)) {
    const known = nameIn(shape, name);
    if (known === undefined) throw new Refusal(400, `unknown attribute ${at}.${name}`, 'invalidValue');
    const checked = conform(shape[known] ?? 'string', part, `${at}.${known}`);
    if (checked !== undefined) accepted[known] = checked;
  }
  return Object.keys(accepted).length === 0 ? undefined : accepted;
}

export function isList(shape: Shape): shape is { readonly each: { readonly [sub: string]: Shape } } {
  return typeof shape === 'object' && typeof shape['each'] === 'object';
}

export function isObject(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
