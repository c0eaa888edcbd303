import { suggestion } from '../../model/nearest-name.ts';
import type { IssueCode } from '../../model/error-codes.ts';
import { formatPath, type Step } from '../issues.ts';
import { referableTypes } from './environment-reference.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { childForms, formsOf } from './known-keys.ts';
import type { SchemaIssue } from './zod-messages.ts';

/** A JSON value whose references to the environment are resolved. */
export interface ResolvedValue {
  /** Undefined where a reference could not be resolved. */
  readonly value: unknown;
  readonly issues: readonly SchemaIssue[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `{"env": "NAME", "default": …}` by the text of the environment variable, as the number, Boolean or text that
 * the schema expects there. Secrets have such references of their own, and expressions and constants have none.
 */
export function withEnvironment(value: unknown, schema: JsonSchema, env: Environment): ResolvedValue {
  const issues: SchemaIssue[] = [];
  const resolve = (inside: unknown, forms: readonly JsonSchema[], path: readonly Step[]): unknown => {
    if (typeof inside !== 'object' || inside === null) return inside;
    const types = referableTypes(forms);
    if (types.size > 0 && isReference(inside)) {
      const result = readVariable(inside, types, env);
      if ('value' in result) return result.value;
      const steps = [...path, ...(result.key === undefined ? [] : [result.key])];
      issues.push({ steps: path, path: formatPath(steps), code: result.code, message: result.message });
      return undefined;
    }
    const child = (step: Step, part: unknown): unknown =>
      resolve(part, childForms(forms, inside, step), [...path, step]);
    return Array.isArray(inside)
      ? inside.map((part: unknown, index) => child(index, part))
      : Object.fromEntries(Object.entries(inside).map(([name, part]) => [name, child(name, part)]));
  };
  return { value: resolve(value, formsOf(schema, value), []), issues };
}

interface Reference {
  readonly env: string;
  readonly default?: unknown;
}

const isReference = (value: object): value is Reference => 'env' in value && typeof value.env === 'string';

type Resolution =
  | { readonly value: unknown }
  /** `key`: the wrong key of the reference. */
  | { readonly code: IssueCode; readonly message: string; readonly key?: string };

function readVariable(reference: Reference, types: ReadonlySet<string>, env: Environment): Resolution {
  const known = ['env', 'default'];
  const key = Object.keys(reference).find((name) => !known.includes(name));
  if (key !== undefined)
    return {
      key,
      code: 'config.unknownKey',
      message: `unknown key${suggestion(key, known) || '; known here: env, default'}`,
    };
  const text = env[reference.env];
  if (text === undefined)
    return 'default' in reference
      ? { value: reference.default }
      : {
          code: 'config.environmentMissing',
          message: `the environment variable ${reference.env} is not set; set it, or add a "default"`,
        };
  if (types.has('boolean') && (text === 'true' || text === 'false')) return { value: text === 'true' };
  if ((types.has('number') || types.has('integer')) && /^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) };
  if (types.has('string')) return { value: text };
  return {
    code: 'config.environmentInvalid',
    message: `the environment variable ${reference.env} must be ${types.has('boolean') ? 'true or false' : 'a number'}`,
  };
}
