import type { Json } from '../../model/resource.ts';
import { validateValue } from '../resources/validate-resource.ts';
import { isComplex, withMember, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import { findDefinition, type AttributeDefinition } from '../schema/definition.ts';

/**
 * Sets the given sub-attributes of a complex value. Omitted ones keep their value (RFC 7644 sections 3.5.2.1 and
 * 3.5.2.3); null unassigns one.
 */
export function merge(before: Complex, attribute: AttributeDefinition, value: Json, strict: boolean): Complex {
  if (!isComplex(value)) throw badRequest('invalidValue', `${attribute.name} is complex: its value must be an object.`);
  let after = before;
  for (const [name, inner] of Object.entries(value)) {
    const sub = findDefinition(attribute.subAttributes ?? [], name);
    if (sub === undefined) {
      if (strict) throw badRequest('invalidPath', `${attribute.name} has no sub-attribute ${name}.`);
    } else if (sub.mutability !== 'readOnly') after = setSubUnchecked(after, attribute, sub, inner, strict);
  }
  return requireSubAttributes(after, attribute);
}

/** Sets one sub-attribute of a complex value, or removes it if `value` is null. */
export function setSub(
  before: Complex,
  attribute: AttributeDefinition,
  sub: AttributeDefinition,
  value: Json,
  strict: boolean,
): Complex {
  return requireSubAttributes(setSubUnchecked(before, attribute, sub, value, strict), attribute);
}

function setSubUnchecked(
  before: Complex,
  attribute: AttributeDefinition,
  sub: AttributeDefinition,
  value: Json,
  strict: boolean,
): Complex {
  const accepted = validateValue(sub, value, strict);
  const present = before[sub.name];
  if (sub.mutability === 'immutable' && present !== undefined && accepted !== present) {
    throw badRequest(
      'mutability',
      `${attribute.name}.${sub.name} cannot be changed once it is set: remove the value and add another one.`,
    );
  }
  return withMember(before, sub.name, accepted);
}

/** A value without a required sub-attribute is an error, unless it is empty and is removed. */
function requireSubAttributes(value: Complex, attribute: AttributeDefinition): Complex {
  const missing = (attribute.subAttributes ?? []).find((sub) => sub.required && value[sub.name] === undefined);
  if (missing !== undefined && Object.keys(value).length > 0) {
    throw badRequest('invalidValue', `${attribute.name}.${missing.name} is missing.`);
  }
  return value;
}
