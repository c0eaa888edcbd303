import type { Step } from './issues.ts';
import type { JsonSchema } from './json-schema.ts';

/** The names that the object at `path` may have. Where it can have several forms, those of the form that a word in it names (`type`), or of all. */
export function knownNames(schema: JsonSchema, value: unknown, path: readonly Step[]): readonly string[] {
  const [step, ...rest] = path;
  const forms = formsOf(schema, value);
  if (step === undefined) return [...new Set(forms.flatMap((form) => Object.keys(form.properties ?? {})))];
  const inside = at(value, step);
  return forms.flatMap((form) => {
    const next = typeof step === 'number' ? form.items : (form.properties?.[step] ?? ownNames(form));
    return next === undefined ? [] : knownNames(next, inside, rest);
  });
}

/** What stands under every name that is not a known one. */
function ownNames({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** What stands at one step inside a JSON value. */
export function at(value: unknown, step: Step): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<Step, unknown>)[step]
    : undefined;
}

function formsOf(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms === undefined) return [schema];
  const named = forms.filter((form) => {
    const words = Object.entries(form.properties ?? {}).filter(([, property]) => property.const !== undefined);
    return words.length > 0 && words.every(([name, property]) => property.const === at(value, name));
  });
  return (named.length > 0 ? named : forms).flatMap((form) => formsOf(form, value));
}
