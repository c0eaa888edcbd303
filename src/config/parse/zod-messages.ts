import type * as z from 'zod';
import type { IssueCode } from '../../model/error-codes.ts';
import { nearestNames, suggestion } from '../../model/nearest-name.ts';
import { formatPath, type Issue, type Step } from '../issues.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { valueAt, knownKeys } from './known-keys.ts';

/** One value that a schema rejects. */
export interface SchemaIssue extends Issue {
  /** The part of the value that later checks must skip. */
  readonly steps: readonly Step[];
}

interface SchemaContext {
  readonly schema: JsonSchema;
  /** The whole file. */
  readonly value: unknown;
}

/**
 * The issues of zod (with `reportInput`) as sentences for an operator who knows JSON and not zod. Values below `auth`
 * and `bind` are described and never quoted, because a secret may be in the wrong field there.
 */
export function describeZodIssues(
  issues: readonly z.core.$ZodIssue[],
  context: SchemaContext,
  basePath: readonly Step[] = [],
): readonly SchemaIssue[] {
  const schemaIssues = issues.flatMap((issue) =>
    describeZodIssue(issue, context, [...basePath, ...(issue.path as Step[])]),
  );
  return withoutConsequentialIssues(schemaIssues, issues, context, basePath);
}

function describeZodIssue(
  issue: z.core.$ZodIssue,
  context: SchemaContext,
  steps: readonly Step[],
): readonly SchemaIssue[] {
  const singleIssue = (code: IssueCode, message: string): readonly SchemaIssue[] => [
    { steps, path: formatPath(steps), code: issue.input === undefined ? 'config.missing' : code, message },
  ];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const knownHere = knownKeys(context.schema, context.value, steps);
      return issue.keys.map((key) => {
        const keyPath = [...steps, key];
        return {
          steps: keyPath,
          path: formatPath(keyPath),
          code: 'config.unknownKey',
          message: `unknown key${suggestion(key, knownHere) || `; known here: ${knownHere.join(', ')}`}`,
        };
      });
    }
    case 'invalid_union': {
      const branch = issue.errors
        .filter((errors) => !errors.some(concernsWholeValue))
        .sort((one, other) => one.length - other.length)[0];
      if (branch !== undefined) return describeZodIssues(branch, context, steps);
      const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] };
      if (discriminator === undefined || options === undefined)
        return singleIssue('config.invalidValue', withActualValue(issue.message, issue.input, steps));
      const optionNames = options.filter((option) => typeof option === 'string');
      // Without a valid discriminator zod checks nothing else in the object; its input is the object, not the
      // discriminator.
      const actual = valueAt(issue.input, discriminator);
      return [
        {
          steps: steps.slice(0, -1),
          path: formatPath(steps),
          code: actual === undefined ? 'config.missing' : 'config.notAllowed',
          message: withSuggestion(issue.message, actual, optionNames, steps),
        },
      ];
    }
    case 'invalid_value':
      return singleIssue(
        'config.notAllowed',
        withSuggestion(`must be ${orList(issue.values.map(String))}`, issue.input, issue.values.map(String), steps),
      );
    case 'invalid_type':
      return singleIssue(
        'config.wrongType',
        withActualValue(
          customMessage(issue) ?? `must be ${typeNames[issue.expected] ?? issue.expected}`,
          issue.input,
          steps,
        ),
      );
    case 'too_small':
      if (typeof issue.input !== 'number') return singleIssue('config.empty', 'must not be empty');
      return singleIssue(
        'config.outOfRange',
        withActualValue(
          `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`,
          issue.input,
          steps,
        ),
      );
    case 'too_big':
      return singleIssue('config.outOfRange', withActualValue(`must be at most ${issue.maximum}`, issue.input, steps));
    default:
      return singleIssue('config.invalidValue', withActualValue(issue.message, issue.input, steps));
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** The message that the schema itself defines, if any. */
function customMessage({ message }: z.core.$ZodIssue): string | undefined {
  return message.startsWith('must ') ? message : undefined;
}

/** The value as a whole has the wrong type, so the operator did not mean this branch of a union. */
function concernsWholeValue(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys';
}

/** Removes issues about missing keys that are only misspelt: the misspelt key is reported already. */
function withoutConsequentialIssues(
  schemaIssues: readonly SchemaIssue[],
  issues: readonly z.core.$ZodIssue[],
  context: SchemaContext,
  basePath: readonly Step[],
): readonly SchemaIssue[] {
  const misspeltPaths = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const steps = [...basePath, ...(issue.path as Step[])];
    for (const key of issue.keys) {
      const [name] = nearestNames(key, knownKeys(context.schema, context.value, steps), 1);
      if (name !== undefined) misspeltPaths.add(formatPath([...steps, name]));
    }
  }
  return schemaIssues.filter(({ path, code }) => code !== 'config.missing' || !misspeltPaths.has(path));
}

const missingMessage = 'is missing';

function withActualValue(requirement: string, input: unknown, steps: readonly Step[]): string {
  return input === undefined ? missingMessage : `${requirement}, is ${displayValue(input, steps)}`;
}

function withSuggestion(
  requirement: string,
  input: unknown,
  options: readonly string[],
  steps: readonly Step[],
): string {
  if (input === undefined) return `${missingMessage}; ${requirement}`;
  const hint = typeof input === 'string' ? suggestion(input, options) : '';
  return `${requirement}, is ${displayValue(input, steps)}${hint}`;
}

function displayValue(input: unknown, steps: readonly Step[]): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'an object';
  if (!steps.includes('auth') && !steps.includes('bind')) return shorten(JSON.stringify(input));
  return input === null ? 'null' : (typeNames[typeof input] ?? typeof input);
}

function shorten(json: string): string {
  return json.length > 60 ? `${json.slice(0, 56)} …"` : json;
}

function orList(values: readonly string[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
