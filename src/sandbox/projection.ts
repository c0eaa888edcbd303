import type { Json } from '../model/resource.ts';
import { locate, type Location } from './location.ts';
import { isComplex, type Complex } from './resource.ts';
import { badRequest } from './scim-error.ts';
import type { ResourceType } from './schema/definition.ts';

export type Projection = (resource: Complex) => Complex;

/**
 * `attributes` and `excludedAttributes` (RFC 7644 section 3.9) as a function on resources. Names that do not exist are ignored;
 * `id` and `schemas` are always returned.
 * @returns undefined where neither is asked for
 * @throws ScimError 400 invalidValue for both at once
 */
export function readProjection(type: ResourceType, query: URLSearchParams): Projection | undefined {
  const included = query.get('attributes');
  const excluded = query.get('excludedAttributes');
  if (included !== null && excluded !== null)
    throw badRequest('invalidValue', 'Ask for attributes or for excludedAttributes, not for both.');
  if (included !== null) {
    const locations = located(type, included);
    return (resource) => ({
      schemas: resource['schemas'] ?? [],
      id: resource['id'] ?? '',
      ...withOnly(resource, locations),
    });
  }
  if (excluded !== null) {
    const locations = located(type, excluded).filter(({ attribute }) => attribute.returned !== 'always');
    return (resource) => locations.reduce(without, resource);
  }
  return undefined;
}

function located(type: ResourceType, list: string): readonly Location[] {
  return list.split(',').flatMap((name) => locate(type, name.trim()) ?? wholeExtension(type, name.trim()));
}

/** "urn:…:enterprise:2.0:User" stands for each of its attributes. */
function wholeExtension(type: ResourceType, urn: string): readonly Location[] {
  const extension = type.extensions.find(({ id }) => id.toLowerCase() === urn.toLowerCase());
  return extension?.attributes.map((attribute) => ({ extension: extension.id, attribute })) ?? [];
}

function withOnly(resource: Complex, locations: readonly Location[]): Complex {
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

/** The values so far, each with this sub-attribute too. */
function addSub(sofar: Json | undefined, value: Json, sub: string): Json {
  if (Array.isArray(value)) {
    const before: readonly Json[] = Array.isArray(sofar) ? sofar : [];
    return value.map((element: Json, at) => addSub(before[at], element, sub));
  }
  if (!isComplex(value)) return value;
  const inner = value[sub];
  return { ...(isComplex(sofar) ? sofar : {}), ...(inner === undefined ? {} : { [sub]: inner }) };
}

function without(resource: Complex, { extension, attribute, sub }: Location): Complex {
  if (extension !== undefined) {
    const inner = resource[extension];
    return isComplex(inner)
      ? { ...resource, [extension]: without(inner, sub === undefined ? { attribute } : { attribute, sub }) }
      : resource;
  }
  const { [attribute.name]: value, ...rest } = resource;
  return value === undefined || sub === undefined ? rest : { ...rest, [attribute.name]: withoutSub(value, sub.name) };
}

function withoutSub(value: Json, sub: string): Json {
  if (Array.isArray(value)) return value.map((element: Json) => withoutSub(element, sub));
  if (!isComplex(value)) return value;
  const { [sub]: _left, ...rest } = value;
  return rest;
}
