import { formsOf } from './known-keys.ts';
import { expressionComment } from '../schema/fields.ts';
import type { JsonSchema } from '../schema/json-schema.ts';

const valueTypes = ['string', 'number', 'integer', 'boolean'];

/**
 * The types that a value from the environment can have in the place of these schemas; empty: none can be there.
 * References to secrets are values of their own, and expressions are never taken from the environment.
 */
export function referableTypes(forms: readonly JsonSchema[]): ReadonlySet<string> {
  if (forms.some(({ properties = {} }) => 'env' in properties)) return new Set();
  return new Set(
    forms.flatMap(({ type, $comment }) =>
      type !== undefined && valueTypes.includes(type) && $comment !== expressionComment ? [type] : [],
    ),
  );
}

/** The schema with references to the environment wherever they may be written, for completion in editors. */
export function withReferences(schema: JsonSchema): object {
  return { ...withinValues(schema), $defs: { environment } };
}

const environment = {
  type: 'object',
  properties: {
    env: { type: 'string', minLength: 1, description: 'Name of the environment variable with the value.' },
    default: { description: 'The value where the variable is not set. Default: that is a mistake.' },
  },
  required: ['env'],
  additionalProperties: false,
};

/** The schema of a value that may be a reference. */
function ofValue(schema: JsonSchema): object {
  if (schema.const !== undefined || referableTypes(formsOf(schema, undefined)).size === 0) return withinValues(schema);
  const { description, default: fallback, ...rest } = withinValues(schema) as Record<string, unknown>;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [rest, { $ref: '#/$defs/environment' }],
  };
}

function withinValues(schema: JsonSchema): object {
  const { properties, items, additionalProperties, anyOf, oneOf } = schema;
  const parts = {
    properties:
      properties && Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, ofValue(value)])),
    items: items && ofValue(items),
    additionalProperties:
      typeof additionalProperties === 'object' ? ofValue(additionalProperties) : additionalProperties,
    anyOf: anyOf?.map(withinValues),
    oneOf: oneOf?.map(withinValues),
  };
  return { ...schema, ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) };
}
