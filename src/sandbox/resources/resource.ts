import type { Json } from '../../model/resource.ts';

/** A JSON object: a resource, an extension's attributes, or one value of a complex attribute. */
export type Complex = { readonly [name: string]: Json };

/** The attribute `meta` of a resource, RFC 7643 section 3.1. */
export type Meta = {
  readonly resourceType: string;
  readonly created: string;
  readonly lastModified: string;
  readonly location: string;
  readonly version?: string;
};

/**
 * A stored resource; its attribute names have the case of the schema.
 * Immutable: a change creates a new object that shares unchanged parts, so a refused PATCH has no effect.
 */
export type Resource = Complex & { readonly id: string; readonly schemas: readonly string[]; readonly meta: Meta };

/** Whether the value is an object with sub-attributes. */
export function isComplex(value: unknown): value is Complex {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is a string, otherwise an empty string. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** `object` with one property set, or removed if `value` is undefined. Returns the same object if nothing changes. */
export function withMember(object: Complex, name: string, value: Json | undefined): Complex {
  if (object[name] === value) return object;
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _removed, ...rest } = object;
  return rest;
}
