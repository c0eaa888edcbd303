import { ScimError } from './scim-error.ts';
import {
  validateValue,
  enterprise,
  isList,
  isObject,
  nameIn,
  readOnlyAttributes,
  attributeSchemas,
  type ResourceType,
  type Resource,
  type AttributeSchema,
} from './schema.ts';

export interface PatchOptions {
  /** Whether a remove with `members[value eq "…"]` fails with 400 noTarget if no member matches. */
  readonly absentMemberIsNoTarget: boolean;
  /** Whether adding an existing member fails with 400. Otherwise it has no effect. */
  readonly refuseDuplicateMembers: boolean;
}

const patchOpSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const pathPattern = /^(?:(urn:.+):)?([A-Za-z$][\w$-]*)(?:\[(.+)\])?(?:\.([A-Za-z$][\w$-]*))?$/i;
const filterPattern = /^([A-Za-z$][\w$-]*) eq (?:"((?:[^"\\]|\\.)*)"|(true|false))$/i;

/** Applies a PATCH to a copy of the resource (RFC 7644 section 3.5.2). @throws ScimError 400 if one operation fails */
export function applyPatch(
  resourceType: ResourceType,
  resource: Resource,
  body: unknown,
  options: PatchOptions,
): Resource {
  if (!isObject(body) || !Array.isArray(body['schemas']) || !body['schemas'].includes(patchOpSchema)) {
    throw new ScimError(400, `schemas must contain ${patchOpSchema}`, 'invalidSyntax');
  }
  const operations = body['Operations'];
  if (!Array.isArray(operations) || operations.length === 0)
    throw new ScimError(400, 'Operations must be a non-empty list', 'invalidSyntax');
  const copy = structuredClone(resource);
  for (const operation of operations) applyOperation(resourceType, copy, operation, options);
  return copy;
}

function applyOperation(
  resourceType: ResourceType,
  resource: Resource,
  operation: unknown,
  options: PatchOptions,
): void {
  if (!isObject(operation)) throw new ScimError(400, 'an operation must be an object', 'invalidSyntax');
  const op = String(operation['op']).toLowerCase();
  if (!['add', 'replace', 'remove'].includes(op))
    throw new ScimError(400, `unknown op ${String(operation['op'])}`, 'invalidSyntax');
  const { path, value } = operation;
  if (op !== 'remove' && (value === undefined || value === null))
    throw new ScimError(400, `${op} without a value`, 'invalidValue');
  if (path === undefined) {
    if (op === 'remove') throw new ScimError(400, 'remove without a path', 'noTarget');
    if (!isObject(value)) throw new ScimError(400, 'without a path the value must be an object', 'invalidValue');
    for (const [name, part] of Object.entries(value)) {
      if (name === enterprise && isObject(part)) {
        for (const [sub, inner] of Object.entries(part))
          applyAtPath(resourceType, resource, op, `${enterprise}:${sub}`, inner, options);
      } else applyAtPath(resourceType, resource, op, name, part, options);
    }
    return;
  }
  if (typeof path !== 'string') throw new ScimError(400, 'path must be a string', 'invalidPath');
  applyAtPath(resourceType, resource, op, path, value, options);
}

function applyAtPath(
  resourceType: ResourceType,
  resource: Resource,
  op: string,
  path: string,
  value: unknown,
  options: PatchOptions,
): void {
  const match = pathPattern.exec(path);
  if (match === null) throw new ScimError(400, `not a path: ${path}`, 'invalidPath');
  const [, urn, attribute = '', filter, sub] = match;
  let container = resource;
  let attributes: { readonly [name: string]: AttributeSchema } = attributeSchemas[resourceType];
  if (urn !== undefined && urn.toLowerCase() === enterprise.toLowerCase()) {
    if (resourceType !== 'User') throw new ScimError(400, `unknown schema ${urn}`, 'invalidPath');
    attributes = attributeSchemas.User[enterprise] as { readonly [name: string]: AttributeSchema };
    container = (resource[enterprise] ??= {}) as Resource;
  } else if (urn !== undefined && !/^urn:ietf:params:scim:schemas:core:2\.0:(User|Group)$/i.test(urn)) {
    throw new ScimError(400, `unknown schema ${urn}`, 'invalidPath');
  }
  if (readOnlyAttributes.includes(attribute) || attribute === 'schemas')
    throw new ScimError(400, `${attribute} cannot be written`, 'mutability');
  const name = nameIn(attributes, attribute);
  if (name === undefined) throw new ScimError(400, `unknown attribute ${path}`, 'invalidPath');
  const schema = attributes[name] ?? 'string';
  if (filter !== undefined) applyToElements(container, name, schema, op, filter, sub, value, path, options);
  else if (sub !== undefined) applyToSubAttribute(container, name, schema, op, sub, value, path);
  else applyToAttribute(container, name, schema, op, value, path, options);
  if (isObject(resource[enterprise]) && Object.keys(resource[enterprise]).length === 0) delete resource[enterprise];
}

function applyToAttribute(
  container: Resource,
  name: string,
  schema: AttributeSchema,
  op: string,
  value: unknown,
  path: string,
  options: PatchOptions,
): void {
  if (op === 'remove') {
    if (value !== undefined)
      throw new ScimError(400, `RFC 7644 does not define remove ${path} with a value`, 'invalidSyntax');
    delete container[name];
    return;
  }
  if (isList(schema) && op === 'add') {
    const added = validateValue(schema, Array.isArray(value) ? value : [value], path) as Resource[];
    const elements = (container[name] ?? []) as Resource[];
    for (const element of added) {
      const existing = elements.find(
        (other) => other['value'] === element['value'] && other['type'] === element['type'],
      );
      if (existing !== undefined && name === 'members') {
        if (options.refuseDuplicateMembers)
          throw new ScimError(400, `${String(element['value'])} is already a member`, 'invalidValue');
        continue;
      }
      if (existing === undefined) elements.push(element);
      else Object.assign(existing, element);
    }
    container[name] = elements;
    return;
  }
  const checked = validateValue(schema, value, path);
  if (checked === undefined) delete container[name];
  // Replacing a complex attribute keeps the sub-attributes that the value omits (RFC 7644 section 3.5.2.3).
  else if (typeof schema === 'object' && !isList(schema))
    container[name] = { ...(container[name] as Resource | undefined), ...(checked as Resource) };
  else container[name] = checked;
}

function applyToSubAttribute(
  container: Resource,
  name: string,
  schema: AttributeSchema,
  op: string,
  sub: string,
  value: unknown,
  path: string,
): void {
  if (typeof schema !== 'object' || isList(schema))
    throw new ScimError(400, `${path} needs a filter or names no sub-attribute`, 'invalidPath');
  const inner = nameIn(schema, sub);
  if (inner === undefined) throw new ScimError(400, `unknown attribute ${path}`, 'invalidPath');
  const complex = (container[name] ?? {}) as Resource;
  if (op === 'remove') delete complex[inner];
  else complex[inner] = validateValue(schema[inner] ?? 'string', value, path);
  if (Object.keys(complex).length === 0) delete container[name];
  else container[name] = complex;
}

function applyToElements(
  container: Resource,
  name: string,
  schema: AttributeSchema,
  op: string,
  filter: string,
  sub: string | undefined,
  value: unknown,
  path: string,
  options: PatchOptions,
): void {
  if (!isList(schema)) throw new ScimError(400, `${name} is not a list`, 'invalidPath');
  const conditions = filter.split(/ and /i).map((text) => {
    const match = filterPattern.exec(text.trim());
    if (match === null) throw new ScimError(400, `cannot read the filter in ${path}`, 'invalidFilter');
    const [, attribute = '', quoted, literal] = match;
    return {
      attribute,
      expected: literal === undefined ? (JSON.parse(`"${quoted}"`) as string) : literal.toLowerCase() === 'true',
    };
  });
  const all = (container[name] ?? []) as Resource[];
  const matching = all.filter((element) =>
    conditions.every(({ attribute, expected }) => element[nameIn(element, attribute) ?? ''] === expected),
  );
  if (matching.length === 0) {
    if (op === 'remove' && name === 'members' && !options.absentMemberIsNoTarget) return;
    throw new ScimError(400, `${path} matches nothing`, 'noTarget');
  }
  if (op === 'remove' && sub === undefined) {
    container[name] = all.filter((element) => !matching.includes(element));
    if ((container[name] as Resource[]).length === 0) delete container[name];
    return;
  }
  for (const element of matching) {
    if (sub === undefined) Object.assign(element, validateValue(schema.each, value, path));
    else {
      const inner = nameIn(schema.each, sub);
      if (inner === undefined) throw new ScimError(400, `unknown attribute ${path}`, 'invalidPath');
      if (op === 'remove') delete element[inner];
      else element[inner] = validateValue(schema.each[inner] ?? 'string', value, path);
    }
  }
}
