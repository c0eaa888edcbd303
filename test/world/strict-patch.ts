import { Refusal } from './scim-error.ts';
import {
  conform,
  enterprise,
  isList,
  isObject,
  nameIn,
  readOnly,
  shapes,
  type Kind,
  type Resource,
  type Shape,
} from './strict-schema.ts';

export interface PatchRules {
  /** A remove by `members[value eq "…"]` that matches nobody is 400 noTarget. */
  readonly absentMemberIsNoTarget: boolean;
  /** Adding a member who is there already is 400 instead of nothing. */
  readonly refuseDuplicateMembers: boolean;
}

const message = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const form = /^(?:(urn:.+):)?([A-Za-z$][\w$-]*)(?:\[(.+)\])?(?:\.([A-Za-z$][\w$-]*))?$/i;
const test = /^([A-Za-z$][\w$-]*) eq (?:"((?:[^"\\]|\\.)*)"|(true|false))$/i;

/** RFC 7644 section 3.5.2, all or nothing. @throws Refusal 400 */
export function patched(kind: Kind, resource: Resource, body: unknown, rules: PatchRules): Resource {
  if (!isObject(body) || !Array.isArray(body['schemas']) || !body['schemas'].includes(message)) {
    throw new Refusal(400, `schemas must hold ${message}`, 'invalidSyntax');
  }
  const operations = body['Operations'];
  if (!Array.isArray(operations) || operations.length === 0)
    throw new Refusal(400, 'Operations must be a list that is not empty', 'invalidSyntax');
  const copy = structuredClone(resource);
  for (const operation of operations) apply(kind, copy, operation, rules);
  return copy;
}

function apply(kind: Kind, resource: Resource, operation: unknown, rules: PatchRules): void {
  if (!isObject(operation)) throw new Refusal(400, 'an operation must be an object', 'invalidSyntax');
  const op = String(operation['op']).toLowerCase();
  if (!['add', 'replace', 'remove'].includes(op))
    throw new Refusal(400, `unknown op ${String(operation['op'])}`, 'invalidSyntax');
  const { path, value } = operation;
  if (op !== 'remove' && (value === undefined || value === null))
    throw new Refusal(400, `${op} without a value`, 'invalidValue');
  if (path === undefined) {
    if (op === 'remove') throw new Refusal(400, 'remove without a path', 'noTarget');
    if (!isObject(value)) throw new Refusal(400, 'without a path the value must be an object', 'invalidValue');
    for (const [name, part] of Object.entries(value)) {
      if (name === enterprise && isObject(part)) {
        for (const [sub, inner] of Object.entries(part))
          change(kind, resource, op, `${enterprise}:${sub}`, inner, rules);
      } else change(kind, resource, op, name, part, rules);
    }
    return;
  }
  if (typeof path !== 'string') throw new Refusal(400, 'path must be a text', 'invalidPath');
  change(kind, resource, op, path, value, rules);
}

function change(kind: Kind, resource: Resource, op: string, path: string, value: unknown, rules: PatchRules): void {
  const match = form.exec(path);
  if (match === null) throw new Refusal(400, `not a path: ${path}`, 'invalidPath');
  const [, urn, attribute = '', filter, sub] = match;
  let container = resource;
  let known: { readonly [name: string]: Shape } = shapes[kind];
  if (urn !== undefined && urn.toLowerCase() === enterprise.toLowerCase()) {
    if (kind !== 'User') throw new Refusal(400, `unknown schema ${urn}`, 'invalidPath');
    known = shapes.User[enterprise] as { readonly [name: string]: Shape };
    container = (resource[enterprise] ??= {}) as Resource;
  } else if (urn !== undefined && !/^urn:ietf:params:scim:schemas:core:2\.0:(User|Group)$/i.test(urn)) {
    throw new Refusal(400, `unknown schema ${urn}`, 'invalidPath');
  }
  if (readOnly.includes(attribute) || attribute === 'schemas')
    throw new Refusal(400, `${attribute} cannot be written`, 'mutability');
  const name = nameIn(known, attribute);
  if (name === undefined) throw new Refusal(400, `unknown attribute ${path}`, 'invalidPath');
  const shape = known[name] ?? 'string';
  if (filter !== undefined) changeElements(container, name, shape, op, filter, sub, value, path, rules);
  else if (sub !== undefined) changeSub(container, name, shape, op, sub, value, path);
  else changeWhole(container, name, shape, op, value, path, rules);
  if (isObject(resource[enterprise]) && Object.keys(resource[enterprise]).length === 0) delete resource[enterprise];
}

function changeWhole(
  container: Resource,
  name: string,
  shape: Shape,
  op: string,
  value: unknown,
  path: string,
  rules: PatchRules,
): void {
  if (op === 'remove') {
    if (value !== undefined) throw new Refusal(400, `remove ${path} with a value is not in the RFC`, 'invalidSyntax');
    delete container[name];
    return;
  }
  if (isList(shape) && op === 'add') {
    const added = conform(shape, Array.isArray(value) ? value : [value], path) as Resource[];
    const present = (container[name] ?? []) as Resource[];
    for (const element of added) {
      const twin = present.find((other) => other['value'] === element['value'] && other['type'] === element['type']);
      if (twin !== undefined && name === 'members') {
        if (rules.refuseDuplicateMembers)
          throw new Refusal(400, `${String(element['value'])} is a member already`, 'invalidValue');
        continue;
      }
      if (twin === undefined) present.push(element);
      else Object.assign(twin, element);
    }
    container[name] = present;
    return;
  }
  const checked = conform(shape, value, path);
  if (checked === undefined) delete container[name];
  // Replacing a complex attribute keeps the sub-attributes that are not named (RFC 7644 section 3.5.2.3).
  else if (typeof shape === 'object' && !isList(shape))
    container[name] = { ...(container[name] as Resource | undefined), ...(checked as Resource) };
  else container[name] = checked;
}

function changeSub(
  container: Resource,
  name: string,
  shape: Shape,
  op: string,
  sub: string,
  value: unknown,
  path: string,
): void {
  if (typeof shape !== 'object' || isList(shape))
    throw new Refusal(400, `${path} needs a filter or names no sub-attribute`, 'invalidPath');
  const inner = nameIn(shape, sub);
  if (inner === undefined) throw new Refusal(400, `unknown attribute ${path}`, 'invalidPath');
  const complex = (container[name] ?? {}) as Resource;
  if (op === 'remove') delete complex[inner];
  else complex[inner] = conform(shape[inner] ?? 'string', value, path);
  if (Object.keys(complex).length === 0) delete container[name];
  else container[name] = complex;
}

function changeElements(
  container: Resource,
  name: string,
  shape: Shape,
  op: string,
  filter: string,
  sub: string | undefined,
  value: unknown,
  path: string,
  rules: PatchRules,
): void {
  if (!isList(shape)) throw new Refusal(400, `${name} is not a list`, 'invalidPath');
  const tests = filter.split(/ and /i).map((text) => {
    const match = test.exec(text.trim());
    if (match === null) throw new Refusal(400, `cannot read the filter in ${path}`, 'invalidFilter');
    const [, attribute = '', quoted, literal] = match;
    return {
      attribute,
      wanted: literal === undefined ? (JSON.parse(`"${quoted}"`) as string) : literal.toLowerCase() === 'true',
    };
  });
  const all = (container[name] ?? []) as Resource[];
  const hit = all.filter((element) =>
    tests.every(({ attribute, wanted }) => element[nameIn(element, attribute) ?? ''] === wanted),
  );
  if (hit.length === 0) {
    if (op === 'remove' && name === 'members' && !rules.absentMemberIsNoTarget) return;
    throw new Refusal(400, `${path} matches nothing`, 'noTarget');
  }
  if (op === 'remove' && sub === undefined) {
    container[name] = all.filter((element) => !hit.includes(element));
    if ((container[name] as Resource[]).length === 0) delete container[name];
    return;
  }
  for (const element of hit) {
    if (sub === undefined) Object.assign(element, conform(shape.each, value, path));
    else {
      const inner = nameIn(shape.each, sub);
      if (inner === undefined) throw new Refusal(400, `unknown attribute ${path}`, 'invalidPath');
      if (op === 'remove') delete element[inner];
      else element[inner] = conform(shape.each[inner] ?? 'string', value, path);
    }
  }
}
