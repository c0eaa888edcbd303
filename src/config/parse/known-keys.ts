import type { Step } from '../issues.ts';
import type { JsonSchema } from '../schema/json-schema.ts';

/** The names that the object at `path` may have. Where it can have several forms, those of the form that a word in it names (`type`), or of all. */
export function knownKeys(schema: JsonSchema, value: unknown, path: readonly Step[]): readonly string[] {
  const [step, ...rest] = path;
  const alternatives = alternativesOf(schema, value);
  if (step === undefined) return [...new Set(alternatives.flatMap((form) => Object.keys(form.properties ?? {})))];
  const child = valueAt(value, step);
  return alternatives.flatMap((form) => {
    const next = typeof step === 'number' ? form.items : (form.properties?.[step] ?? additionalPropertySchema(form));
    return next === undefined ? [] : knownKeys(next, child, rest);
  });
}

/** What stands under every name that is not a known one. */
function additionalPropertySchema({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** What stands at one step inside a JSON value. */
export function valueAt(value: unknown, step: Step): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<Step, unknown>)[step]
    : undefined;
}

function alternativesOf(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives === undefined) return [schema];
  const matching = alternatives.filter((form) => {
    const constants = Object.entries(form.properties ?? {}).filter(([, property]) => property.const !== undefined);
    return constants.length > 0 && constants.every(([name, property]) => property.const === valueAt(value, name));
  });
  return (matching.length > 0 ? matching : alternatives).flatMap((form) => alternativesOf(form, value));
}
