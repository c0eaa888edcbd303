import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Filter } from '../filter/filter.ts';
import type { AttributeLocation } from '../schema/attribute-location.ts';
import { isComplex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import {
  findExtension,
  findDefinition,
  type AttributeDefinition,
  type ResourceTypeDefinition,
  type Schema,
} from '../schema/definition.ts';
import { parsePatchPath, type PatchPath } from './path.ts';

/** One change of an attribute, or of some of its values. `value` is not validated yet. */
export type PatchEdit =
  | {
      readonly op: 'add' | 'replace';
      readonly location: AttributeLocation;
      readonly filter?: Filter;
      readonly value: Json;
    }
  | { readonly op: 'remove'; readonly location: AttributeLocation; readonly filter?: Filter };

/** URN of a PATCH message, RFC 7644 section 3.5.2. */
export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * Parses the operations of a PATCH message in their order. An operation without a path becomes one edit for each
 * attribute in its value.
 * @param id the resource's id, which the value of an operation without a path may repeat
 * @throws ScimError 400 (RFC 7644 section 3.5.2)
 */
export function parseEdits(
  type: ResourceTypeDefinition,
  id: string,
  message: Json,
  strict: boolean,
): readonly PatchEdit[] {
  const schemas = getIgnoringCase(message, 'schemas');
  const isPatch =
    Array.isArray(schemas) &&
    schemas.some((urn) => typeof urn === 'string' && urn.toLowerCase() === patchSchema.toLowerCase());
  if (!isPatch) throw badRequest('invalidSyntax', `The body of a PATCH must have "schemas": ["${patchSchema}"].`);
  const operations = getIgnoringCase(message, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw badRequest(
      'invalidSyntax',
      'The body of a PATCH must have "Operations", an array with at least one operation.',
    );
  }
  return operations.flatMap((operation: Json) => parseOperation(type, id, operation, strict));
}

function parseOperation(
  type: ResourceTypeDefinition,
  id: string,
  operation: Json,
  strict: boolean,
): readonly PatchEdit[] {
  const op = String(getIgnoringCase(operation, 'op')).toLowerCase();
  const path = getIgnoringCase(operation, 'path');
  const value = getIgnoringCase(operation, 'value') as Json | undefined;
  if (op !== 'add' && op !== 'replace' && op !== 'remove') {
    throw badRequest(
      'invalidSyntax',
      `"op" must be add, replace or remove, not ${JSON.stringify(getIgnoringCase(operation, 'op'))}.`,
    );
  }
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw badRequest('invalidPath', '"path" must be a string.');
  const target = typeof path === 'string' ? parsePatchPath(type, path.trim()) : undefined;

  if (op === 'remove') return removals(target, value);
  if (value === undefined) throw badRequest('invalidValue', `An operation ${op} needs a value.`);
  if (target === undefined) return editsOfObject(type, id, op, value, strict);
  if (target.kind === 'extension') return editsOfExtension(target.extension, op, value, strict);
  if (target.location.attribute.name === 'schemas') return [];
  rejectReadOnly(target.location);
  return [{ op, ...withoutKind(target), value }];
}

function removals(target: PatchPath | undefined, value: Json | undefined): readonly PatchEdit[] {
  if (target === undefined) throw badRequest('noTarget', 'A remove needs a path (RFC 7644 section 3.5.2.2).');
  // Some servers then remove the given values, others all values: the sandbox reports such a client.
  if (value !== undefined)
    throw badRequest(
      'invalidValue',
      'A remove must not have a value: select values in the path, as in members[value eq "…"].',
    );
  if (target.kind === 'extension') {
    return target.extension.attributes.map((attribute) => ({
      op: 'remove',
      location: { extension: target.extension.id, attribute },
    }));
  }
  rejectReadOnly(target.location);
  return [{ op: 'remove', ...withoutKind(target) }];
}

function editsOfObject(
  type: ResourceTypeDefinition,
  id: string,
  op: 'add' | 'replace',
  value: Json,
  strict: boolean,
): readonly PatchEdit[] {
  if (!isComplex(value))
    throw badRequest('invalidValue', `An operation ${op} without a path needs an object of attributes as its value.`);
  return Object.entries(value).flatMap(([name, inner]) => {
    const extension = findExtension(type, name);
    if (extension !== undefined) return editsOfExtension(extension, op, inner, strict);
    const attribute = findAttribute(type.attributes, name, type.resourceType, strict);
    // The server derives `schemas` from the attributes.
    if (attribute === undefined || attribute.name === 'schemas' || (attribute.name === 'id' && inner === id)) return [];
    rejectReadOnly({ attribute });
    return [{ op, location: { attribute }, value: inner }];
  });
}

function editsOfExtension(
  extension: Schema,
  op: 'add' | 'replace',
  value: Json,
  strict: boolean,
): readonly PatchEdit[] {
  if (!isComplex(value)) throw badRequest('invalidValue', `${extension.id} must be an object.`);
  return Object.entries(value).flatMap(([name, inner]) => {
    const attribute = findAttribute(extension.attributes, name, extension.name, strict);
    return attribute === undefined ? [] : [{ op, location: { extension: extension.id, attribute }, value: inner }];
  });
}

function findAttribute(
  definitions: readonly AttributeDefinition[],
  name: string,
  owner: string,
  strict: boolean,
): AttributeDefinition | undefined {
  const definition = findDefinition(definitions, name);
  if (definition === undefined && strict) throw badRequest('invalidPath', `${owner} has no attribute ${name}.`);
  return definition;
}

function rejectReadOnly({ attribute, sub }: AttributeLocation): void {
  if (attribute.mutability === 'readOnly' || sub?.mutability === 'readOnly') {
    throw badRequest('mutability', `${attribute.name}${sub === undefined ? '' : `.${sub.name}`} is read-only.`);
  }
}

function withoutKind(path: { readonly location: AttributeLocation; readonly filter?: Filter }): {
  location: AttributeLocation;
  filter?: Filter;
} {
  return path.filter === undefined ? { location: path.location } : { location: path.location, filter: path.filter };
}
