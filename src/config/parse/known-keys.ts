import type { Step } from '../issues.ts';
import type { JsonSchema } from '../schema/json-schema.ts';

/**
 * The keys that the schema permits in the object at `path`. If the schema has alternatives, the discriminator in the
 * value (`type`) selects one; otherwise the keys of all alternatives count.
 */
export function knownKeys(schema: JsonSchema, value: unknown, path: readonly Step[]): readonly string[] {
  let forms = formsOf(schema, value);
  let inside = value;
  for (const step of path) {
    forms = childForms(forms, inside, step);
    inside = valueAt(inside, step);
  }
  return [...new Set(forms.flatMap((form) => Object.keys(form.properties ?? {})))];
}

/** The alternatives of the schema at one step inside a value, for what the value has there. */
export function childForms(forms: readonly JsonSchema[], value: unknown, step: Step): readonly JsonSchema[] {
  const child = valueAt(value, step);
  return forms.flatMap((form) => {
    const next = typeof step === 'number' ? form.items : (form.properties?.[step] ?? additionalPropertySchema(form));
    return next === undefined ? [] : formsOf(next, child);
  });
}

/** The schema of values under keys that `properties` does not list. */
function additionalPropertySchema({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** The value at one step inside a JSON value; undefined if it has none. */
export function valueAt(value: unknown, step: Step): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<Step, unknown>)[step]
    : undefined;
}

/** The alternatives of a schema; those that the constants in the value select, such as `type`, if there are any. */
export function formsOf(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives === undefined) return [schema];
  const matching = alternatives.filter((form) => {
    const constants = Object.entries(form.properties ?? {}).filter(([, property]) => property.const !== undefined);
    return constants.length > 0 && constants.every(([name, property]) => property.const === valueAt(value, name));
  });
  return (matching.length > 0 ? matching : alternatives).flatMap((form) => formsOf(form, value));
}
