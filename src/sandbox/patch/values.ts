import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../model/resource.ts';
import { isComplex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import { findDefinition, type AttributeDefinition } from '../schema/definition.ts';

/** Whether `value` alone identifies a value, as for members. */
export function isKeyedByValue(attribute: AttributeDefinition): boolean {
  return findDefinition(attribute.subAttributes ?? [], 'value')?.mutability === 'immutable';
}

/** Appends the values of `added` that `before` does not contain. Returns the same array if there are none. */
export function union(
  attribute: AttributeDefinition,
  before: readonly Json[],
  added: readonly Json[],
): readonly Json[] {
  const missing = isKeyedByValue(attribute) ? missingKeys(before, added) : missingValues(before, added);
  return missing.length === 0 ? before : [...before, ...missing];
}

/**
 * At most one value is primary (RFC 7643 section 2.4): a new primary value resets the previous one (RFC 7644 section
 * 3.5.2).
 * @param before the values before the operation; values that it does not contain are new
 * @throws ScimError 400 invalidValue for two new primary values
 */
export function enforceSinglePrimary(
  attribute: AttributeDefinition,
  before: readonly Json[],
  after: readonly Json[],
): readonly Json[] {
  if (findDefinition(attribute.subAttributes ?? [], 'primary') === undefined) return after;
  const primaries = after.filter((value) => isComplex(value) && value['primary'] === true);
  if (primaries.length < 2) return after;
  const newPrimaries = primaries.filter((value) => !before.includes(value));
  if (newPrimaries.length !== 1)
    throw badRequest('invalidValue', `More than one value of ${attribute.name} is primary (RFC 7643 section 2.4).`);
  return after.map((value) =>
    isComplex(value) && value['primary'] === true && value !== newPrimaries[0] ? { ...value, primary: false } : value,
  );
}

function missingKeys(before: readonly Json[], added: readonly Json[]): readonly Json[] {
  const keys = new Set(before.map(keyOf));
  return added.filter((value) => {
    const isPresent = keys.has(keyOf(value));
    keys.add(keyOf(value));
    return !isPresent;
  });
}

function missingValues(before: readonly Json[], added: readonly Json[]): readonly Json[] {
  const missing: Json[] = [];
  for (const value of added) {
    if (![...before, ...missing].some((known) => isDeepStrictEqual(known, value))) missing.push(value);
  }
  return missing;
}

const keyOf = (value: Json): Json | undefined => (isComplex(value) ? value['value'] : undefined);
