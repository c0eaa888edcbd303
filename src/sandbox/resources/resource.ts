import type { Json } from '../../model/resource.ts';

/** A JSON object: a resource, an extension's attributes, or one value of a complex attribute. */
export type Complex = { readonly [name: string]: Json };

export type Meta = {
  readonly resourceType: string;
  readonly created: string;
  readonly lastModified: string;
  readonly location: string;
  readonly version?: string;
};

/**
 * A resource as this application holds and answers it, every name spelled as its schema spells it.
 * Never changed in place: a change makes a new one that shares what stayed the same, so a refused PATCH leaves no trace.
 */
export type Resource = Complex & { readonly id: string; readonly schemas: readonly string[]; readonly meta: Meta };

export function isComplex(value: unknown): value is Complex {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value that is a text; empty where it is none. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** `object` with one member set, or without it where `value` is undefined. The same object when nothing changes. */
export function withMember(object: Complex, name: string, value: Json | undefined): Complex {
  if (object[name] === value) return object;
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _removed, ...rest } = object;
  return rest;
}
