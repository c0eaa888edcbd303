import type { Protocol } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import {
  isPatch,
  isFullWrite,
  operationsOf,
  withOperations,
  type PatchOperation,
} from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';

/** Requests must contain booleans as strings (`booleans`); responses contain JSON booleans. */
export function booleansAsText(form: Exclude<Protocol['booleans'], 'json'>): Behaviour {
  const texts = form === 'text' ? ['false', 'true'] : ['False', 'True'];
  const read = (value: Json, name: string): Json => {
    const at = typeof value === 'string' ? texts.indexOf(value) : -1;
    if (at === -1)
      throw badRequest(
        'invalidValue',
        `${name} must be ${texts.map((text) => JSON.stringify(text)).join(' or ')}, not ${JSON.stringify(value)}.`,
      );
    return at === 1;
  };
  return {
    transformRequest: (request) =>
      mapBodyValues(request, (value, name) => (isBooleanAttribute(name) ? read(value, name) : value)),
  };
}

/** `manager` is a string with the id (`manager`), in requests and responses. */
export function managerAsText(urn: string): Behaviour {
  const change = (extension: Json, to: (manager: Json) => Json): Json => {
    const manager = isComplex(extension) ? extension['manager'] : undefined;
    return isComplex(extension) && manager !== undefined && manager !== null
      ? { ...extension, manager: to(manager) }
      : extension;
  };
  const read = (manager: Json): Json => {
    if (manager !== null && typeof manager !== 'string')
      throw badRequest('invalidValue', 'manager must be a string with the id of a user.');
    return manager === null ? manager : { value: manager };
  };
  const inOperation = (operation: PatchOperation): PatchOperation => {
    const { path, value } = operation;
    if (value === undefined) return operation;
    if (path?.toLowerCase() === `${urn}:manager`.toLowerCase()) return { ...operation, value: read(value) };
    if (path?.toLowerCase() === urn.toLowerCase()) return { ...operation, value: change(value, read) };
    return path === undefined && isComplex(value)
      ? { ...operation, value: mapExtension(value, urn, (extension) => change(extension, read)) }
      : operation;
  };
  return {
    transformRequest(request) {
      if (request.resourceType !== 'User') return request;
      if (isPatch(request)) return withOperations(request, operationsOf(request.body).map(inOperation));
      if (!isFullWrite(request) || !isComplex(request.body)) return request;
      return { ...request, body: mapExtension(request.body, urn, (extension) => change(extension, read)) };
    },
    transformResource: (resource) =>
      mapExtension(resource, urn, (extension) =>
        change(extension, (manager) => (isComplex(manager) ? (manager['value'] ?? null) : manager)),
      ),
  };
}

/** The elements of these lists are plain values (`"roles": ["admin"]`), in requests and responses. */
export function plainLists(attributes: readonly string[]): Behaviour {
  const isPlain = (name: string): boolean => attributes.some((one) => one.toLowerCase() === name.toLowerCase());
  const read = (list: Json, name: string): Json => {
    if (list === null) return list;
    return (Array.isArray(list) ? (list as readonly Json[]) : [list]).map((element) => {
      if (typeof element === 'object')
        throw badRequest('invalidValue', `${name} must be a list of plain values, not ${JSON.stringify(element)}.`);
      return { value: element };
    });
  };
  const inResource = (resource: Complex, change: (list: Json, name: string) => Json): Complex =>
    Object.fromEntries(
      Object.entries(resource).map(([name, value]) => [name, isPlain(name) ? change(value, name) : value]),
    );
  const inOperation = (operation: PatchOperation): PatchOperation => {
    const { path, value } = operation;
    if (value === undefined) return operation;
    if (path !== undefined) return isPlain(path) ? { ...operation, value: read(value, path) } : operation;
    return isComplex(value) ? { ...operation, value: inResource(value, read) } : operation;
  };
  return {
    transformRequest(request) {
      if (request.resourceType !== 'User') return request;
      if (isPatch(request)) return withOperations(request, operationsOf(request.body).map(inOperation));
      if (!isFullWrite(request) || !isComplex(request.body)) return request;
      return { ...request, body: inResource(request.body, read) };
    },
    transformResource: (resource) =>
      inResource(resource, (list) =>
        Array.isArray(list)
          ? (list as readonly Json[]).map((element) => (isComplex(element) ? (element['value'] ?? null) : element))
          : list,
      ),
  };
}

/** Changes every value in a resource or in PATCH operations. @param change receives the value and its attribute name */
export function mapBodyValues(request: ScimRequest, change: (value: Json, name: string) => Json): ScimRequest {
  if (isFullWrite(request) && request.body !== undefined)
    return { ...request, body: mapValue(request.body, '', change) };
  if (!isPatch(request)) return request;
  const operations = operationsOf(request.body).map((operation) =>
    operation.value === undefined
      ? operation
      : { ...operation, value: mapValue(operation.value, lastSegment(operation.path ?? ''), change) },
  );
  return withOperations(request, operations);
}

/** Whether an attribute of RFC 7643 with this name is a boolean. */
export const isBooleanAttribute = (name: string): boolean => ['active', 'primary'].includes(name.toLowerCase());

function mapValue(value: Json, name: string, change: (value: Json, name: string) => Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((element) => mapValue(element, name, change));
  if (isComplex(value))
    return Object.fromEntries(
      Object.entries(value).map(([inner, of]) => [inner, mapValue(of, lastSegment(inner), change)]),
    );
  return change(value, name);
}

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

function mapExtension(resource: Complex, urn: string, change: (extension: Json) => Json): Complex {
  return Object.fromEntries(
    Object.entries(resource).map(([name, value]) => [
      name,
      name.toLowerCase() === urn.toLowerCase() ? change(value) : value,
    ]),
  );
}
