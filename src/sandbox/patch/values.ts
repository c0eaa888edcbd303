import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../model/resource.ts';
import { isComplex } from '../resource.ts';
import { badRequest } from '../scim-error.ts';
import { named, type Definition } from '../schema/definition.ts';

/** Whether values are told apart by their `value` alone, as members are. */
export function keyedByValue(attribute: Definition): boolean {
  return named(attribute.subAttributes ?? [], 'value')?.mutability === 'immutable';
}

/** `before` and those of `added` that it does not hold yet. The same array when there are none. */
export function union(attribute: Definition, before: readonly Json[], added: readonly Json[]): readonly Json[] {
  const fresh = keyedByValue(attribute) ? unknownKeys(before, added) : unknownValues(before, added);
  return fresh.length === 0 ? before : [...before, ...fresh];
}

/**
 * At most one value is primary (RFC 7643 section 2.4): a new primary value takes it from the old one (RFC 7644 section 3.5.2).
 * @param before the values before the operation; what is not among them is new
 * @throws ScimError 400 invalidValue for two new ones
 */
export function settlePrimary(attribute: Definition, before: readonly Json[], after: readonly Json[]): readonly Json[] {
  if (named(attribute.subAttributes ?? [], 'primary') === undefined) return after;
  const primaries = after.filter((value) => isComplex(value) && value['primary'] === true);
  if (primaries.length < 2) return after;
  const fresh = primaries.filter((value) => !before.includes(value));
  if (fresh.length !== 1)
    throw badRequest('invalidValue', `More than one value of ${attribute.name} is primary (RFC 7643 section 2.4).`);
  return after.map((value) =>
    isComplex(value) && value['primary'] === true && value !== fresh[0] ? { ...value, primary: false } : value,
  );
}

function unknownKeys(before: readonly Json[], added: readonly Json[]): readonly Json[] {
  const keys = new Set(before.map(keyOf));
  return added.filter((value) => {
    const known = keys.has(keyOf(value));
    keys.add(keyOf(value));
    return !known;
  });
}

function unknownValues(before: readonly Json[], added: readonly Json[]): readonly Json[] {
  const fresh: Json[] = [];
  for (const value of added) {
    if (![...before, ...fresh].some((known) => isDeepStrictEqual(known, value))) fresh.push(value);
  }
  return fresh;
}

const keyOf = (value: Json): Json | undefined => (isComplex(value) ? value['value'] : undefined);
