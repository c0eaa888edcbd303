import { findExtension, findDefinition, type AttributeDefinition, type ResourceTypeDefinition } from './definition.ts';
import type { Json } from '../../model/resource.ts';
import { isComplex, type Complex } from '../resources/resource.ts';

/** The attribute or sub-attribute that a path names (RFC 7644 section 3.10). */
export interface AttributeLocation {
  /** URN of the extension; absent for core and common attributes. */
  readonly extension?: string;
  readonly attribute: AttributeDefinition;
  readonly sub?: AttributeDefinition;
}

/** Resolves an attribute path. @returns undefined if the resource type has no such attribute */
export function locateAttribute(type: ResourceTypeDefinition, text: string): AttributeLocation | undefined {
  const { extension, attributes, rest } = splitUrn(type, text);
  if (attributes === undefined) return undefined;
  const [name = '', subName, ...more] = rest.split('.');
  const attribute = findDefinition(attributes, name);
  if (attribute === undefined || more.length > 0) return undefined;
  const base = extension === undefined ? { attribute } : { extension, attribute };
  if (subName === undefined) return base;
  const sub = findDefinition(attribute.subAttributes ?? [], subName);
  return sub === undefined ? undefined : { ...base, sub };
}

/** The values of a location, one element for each value of a multi-valued attribute. */
export function valuesAt(object: Complex, { extension, attribute, sub }: AttributeLocation): readonly Json[] {
  const container = extension === undefined ? object : object[extension];
  const value = isComplex(container) ? container[attribute.name] : undefined;
  if (value === undefined) return [];
  const values: readonly Json[] = Array.isArray(value) ? value : [value];
  if (sub === undefined) return values;
  return values.flatMap((element) => (isComplex(element) ? (element[sub.name] ?? []) : []));
}

function splitUrn(
  type: ResourceTypeDefinition,
  text: string,
): { extension?: string; attributes?: readonly AttributeDefinition[]; rest: string } {
  if (!/^urn:/i.test(text)) return { attributes: type.attributes, rest: text };
  // The version in the URN ("2.0") contains a dot: split at the last colon, not at the first dot.
  const colon = text.lastIndexOf(':');
  const urn = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  if (urn.toLowerCase() === type.schema.id.toLowerCase()) return { attributes: type.schema.attributes, rest };
  const extension = findExtension(type, urn);
  return extension === undefined ? { rest } : { extension: extension.id, attributes: extension.attributes, rest };
}
