import type { Json } from '../../model/resource.ts';
import { locateAttribute, type AttributeLocation } from '../schema/attribute-location.ts';
import { isComplex, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import type { ResourceTypeDefinition } from '../schema/definition.ts';

/** Selects the attributes of a resource that a response contains. */
export type Projection = (resource: Complex) => Complex;

/**
 * `attributes` and `excludedAttributes` (RFC 7644 section 3.9) as a function on resources. Unknown names are ignored;
 * `id` and `schemas` are always returned.
 * @returns undefined if the query has neither
 * @throws ScimError 400 invalidValue if the query has both
 */
export function parseProjection(type: ResourceTypeDefinition, query: URLSearchParams): Projection | undefined {
  const included = query.get('attributes');
  const excluded = query.get('excludedAttributes');
  if (included !== null && excluded !== null)
    throw badRequest('invalidValue', 'Use attributes or excludedAttributes, not both.');
  if (included !== null) {
    const locations = locateAll(type, included);
    return (resource) => ({
      schemas: resource['schemas'] ?? [],
      id: resource['id'] ?? '',
      ...pick(resource, locations),
    });
  }
  if (excluded !== null) {
    const locations = locateAll(type, excluded).filter(({ attribute }) => attribute.returned !== 'always');
    return (resource) => locations.reduce(omit, resource);
  }
  return undefined;
}

function locateAll(type: ResourceTypeDefinition, list: string): readonly AttributeLocation[] {
  return list.split(',').flatMap((name) => locateAttribute(type, name.trim()) ?? wholeExtension(type, name.trim()));
}

/** The URN of an extension selects all its attributes. */
function wholeExtension(type: ResourceTypeDefinition, urn: string): readonly AttributeLocation[] {
  const extension = type.extensions.find(({ id }) => id.toLowerCase() === urn.toLowerCase());
  return extension?.attributes.map((attribute) => ({ extension: extension.id, attribute })) ?? [];
}

function pick(resource: Complex, locations: readonly AttributeLocation[]): Complex {
  const result: Record<string, Json> = {};
  for (const { extension, attribute, sub } of locations) {
    const source = extension === undefined ? resource : resource[extension];
    const value = isComplex(source) ? source[attribute.name] : undefined;
    if (value === undefined) continue;
    const target = extension === undefined ? result : ((result[extension] ??= {}) as Record<string, Json>);
    target[attribute.name] = sub === undefined ? value : addSub(target[attribute.name], value, sub.name);
  }
  return result;
}

/** Adds one sub-attribute to the values selected so far. */
function addSub(previous: Json | undefined, value: Json, sub: string): Json {
  if (Array.isArray(value)) {
    const before: readonly Json[] = Array.isArray(previous) ? previous : [];
    return value.map((element: Json, at) => addSub(before[at], element, sub));
  }
  if (!isComplex(value)) return value;
  const inner = value[sub];
  return { ...(isComplex(previous) ? previous : {}), ...(inner === undefined ? {} : { [sub]: inner }) };
}

function omit(resource: Complex, { extension, attribute, sub }: AttributeLocation): Complex {
  if (extension !== undefined) {
    const inner = resource[extension];
    return isComplex(inner)
      ? { ...resource, [extension]: omit(inner, sub === undefined ? { attribute } : { attribute, sub }) }
      : resource;
  }
  const { [attribute.name]: value, ...rest } = resource;
  return value === undefined || sub === undefined ? rest : { ...rest, [attribute.name]: omitSub(value, sub.name) };
}

function omitSub(value: Json, sub: string): Json {
  if (Array.isArray(value)) return value.map((element: Json) => omitSub(element, sub));
  if (!isComplex(value)) return value;
  const { [sub]: _omitted, ...rest } = value;
  return rest;
}
