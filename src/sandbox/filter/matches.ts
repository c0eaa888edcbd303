import { isBlank } from '../../model/scim-json.ts';
import type { Json } from '../../model/resource.ts';
import { valuesAt, type AttributeLocation } from '../schema/attribute-location.ts';
import { isComplex, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';
import { findDefinition, type AttributeDefinition } from '../schema/definition.ts';
import type { Filter, Operator } from './filter.ts';

/** Whether an object matches a filter. */
export type Predicate = (object: Complex) => boolean;

/**
 * The filter as a function (RFC 7644 section 3.4.2.2). A multi-valued attribute matches if one of its values matches.
 * `ne` negates `eq`, so it also matches absent values.
 * @throws ScimError 400 invalidFilter for an operator that the attribute's type does not support
 */
export function predicate(filter: Filter): Predicate {
  switch (filter.kind) {
    case 'and': {
      const parts = filter.parts.map(predicate);
      return (object) => parts.every((matches) => matches(object));
    }
    case 'or': {
      const parts = filter.parts.map(predicate);
      return (object) => parts.some((matches) => matches(object));
    }
    case 'not': {
      const matches = predicate(filter.part);
      return (object) => !matches(object);
    }
    case 'present':
      return (object) => valuesAt(object, filter.location).some((value) => !isBlank(value));
    case 'element': {
      const matches = predicate(filter.filter);
      return (object) => valuesAt(object, filter.location).some((element) => isComplex(element) && matches(element));
    }
    case 'compare':
      return comparison(filter.location, filter.operator, filter.value);
  }
}

function comparison(written: AttributeLocation, operator: Operator, value: Json): Predicate {
  const location = withValueSub(written);
  const definition = location.sub ?? location.attribute;
  if (value === null) {
    if (operator !== 'eq' && operator !== 'ne') throw unsupportedComparison(definition, operator, value);
    return (object) => (valuesAt(object, location).length === 0) === (operator === 'eq');
  }
  if (operator === 'ne') {
    const equals = comparison(location, 'eq', value);
    return (object) => !equals(object);
  }
  const test = valueTest(definition, operator, value);
  return (object) => valuesAt(object, location).some(test);
}

/** `emails co "@x"` compares `emails.value` (RFC 7644 section 3.4.2.2, table 3 and its examples). */
function withValueSub(location: AttributeLocation): AttributeLocation {
  if (location.sub !== undefined || location.attribute.subAttributes === undefined) return location;
  const sub = findDefinition(location.attribute.subAttributes, 'value');
  if (sub === undefined)
    throw badRequest('invalidFilter', `${location.attribute.name} is complex: compare one of its sub-attributes.`);
  return { ...location, sub };
}

function valueTest(definition: AttributeDefinition, operator: Operator, value: Json): (actual: Json) => boolean {
  if (definition.type === 'boolean') {
    if (typeof value !== 'boolean' || operator !== 'eq') throw unsupportedComparison(definition, operator, value);
    return (actual) => actual === value;
  }
  if (typeof value !== 'string') throw unsupportedComparison(definition, operator, value);
  if (definition.type === 'dateTime') {
    const expected = Date.parse(value);
    const test = orderOperators[operator as keyof typeof orderOperators];
    if (Number.isNaN(expected) || test === undefined) throw unsupportedComparison(definition, operator, value);
    return (actual) => typeof actual === 'string' && test(Date.parse(actual), expected);
  }
  const normalise = definition.caseExact
    ? (text: string): string => text
    : (text: string): string => text.toLowerCase();
  const expected = normalise(value);
  const test = stringOperators[operator as keyof typeof stringOperators];
  return (actual) => typeof actual === 'string' && test(normalise(actual), expected);
}

const orderOperators = {
  eq: <T>(actual: T, expected: T): boolean => actual === expected,
  gt: <T>(actual: T, expected: T): boolean => actual > expected,
  ge: <T>(actual: T, expected: T): boolean => actual >= expected,
  lt: <T>(actual: T, expected: T): boolean => actual < expected,
  le: <T>(actual: T, expected: T): boolean => actual <= expected,
};

const stringOperators = {
  ...orderOperators,
  co: (actual: string, expected: string): boolean => actual.includes(expected),
  sw: (actual: string, expected: string): boolean => actual.startsWith(expected),
  ew: (actual: string, expected: string): boolean => actual.endsWith(expected),
};

function unsupportedComparison(definition: AttributeDefinition, operator: Operator, value: Json): Error {
  const comparison = `${operator} ${JSON.stringify(value)}`;
  return badRequest(
    'invalidFilter',
    `${definition.name} is of type ${definition.type}: ${comparison} is not supported.`,
  );
}
