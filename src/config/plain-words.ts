import type { z } from 'zod';
import { formatPath, type Issue, type Step } from './issues.ts';
import type { JsonSchema } from './json-schema.ts';
import { at, knownNames } from './known-names.ts';
import { nearest, suggestion } from './nearest.ts';

/** One thing that a schema refuses. */
export interface Refusal extends Issue {
  /** What of the value cannot be looked at any further. */
  readonly steps: readonly Step[];
}

interface Looked {
  readonly schema: JsonSchema;
  /** The whole file. */
  readonly value: unknown;
}

/**
 * What zod found (its issues must carry their input), as sentences for somebody who knows JSON and not zod.
 * Whatever stands below `auth` and `bind` is described and never quoted: a secret may stand in the wrong place there.
 */
export function inPlainWords(
  issues: readonly z.core.$ZodIssue[],
  looked: Looked,
  base: readonly Step[] = [],
): readonly Refusal[] {
  const refusals = issues.flatMap((issue) => refusalsOf(issue, looked, [...base, ...(issue.path as Step[])]));
  return withoutConsequences(refusals, issues, looked, base);
}

function refusalsOf(issue: z.core.$ZodIssue, looked: Looked, steps: readonly Step[]): readonly Refusal[] {
  const refuse = (message: string): readonly Refusal[] => [{ steps, path: formatPath(steps), message }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const names = knownNames(looked.schema, looked.value, steps);
      return issue.keys.map((key) => {
        const place = [...steps, key];
        return {
          steps: place,
          path: formatPath(place),
          message: `unknown key${suggestion(key, names) || `; known here: ${names.join(', ')}`}`,
        };
      });
    }
    case 'invalid_union': {
      const branch = issue.errors
        .filter((errors) => !errors.some(isAboutAll))
        .sort((one, other) => one.length - other.length)[0];
      if (branch !== undefined) return inPlainWords(branch, looked, steps);
      const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] };
      if (discriminator === undefined || options === undefined) return refuse(butIs(issue.message, issue.input, steps));
      const words = options.filter((option) => typeof option === 'string');
      // Without what tells the forms apart nothing around it was looked at; zod gives the object, not what stands there.
      return refuse(choice(issue.message, at(issue.input, discriminator), words, steps)).map((refusal) => ({
        ...refusal,
        steps: steps.slice(0, -1),
      }));
    }
    case 'invalid_value':
      return refuse(choice(`must be ${anyOf(issue.values.map(String))}`, issue.input, issue.values.map(String), steps));
    case 'invalid_type':
      return refuse(
        butIs(ownWords(issue) ?? `must be ${typeWords[issue.expected] ?? issue.expected}`, issue.input, steps),
      );
    case 'too_small':
      if (typeof issue.input !== 'number') return refuse('must not be empty');
      return refuse(
        butIs(`must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`, issue.input, steps),
      );
    case 'too_big':
      return refuse(butIs(`must be at most ${issue.maximum}`, issue.input, steps));
    default:
      return refuse(butIs(issue.message, issue.input, steps));
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What the schema itself says, where it does not leave that to zod. */
function ownWords({ message }: z.core.$ZodIssue): string | undefined {
  return message.startsWith('must ') ? message : undefined;
}

/** The value as a whole has the wrong form, so this branch of a union was not meant. */
function isAboutAll(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys';
}

/** A name that was misspelt is not missing as well. */
function withoutConsequences(
  refusals: readonly Refusal[],
  issues: readonly z.core.$ZodIssue[],
  looked: Looked,
  base: readonly Step[],
): readonly Refusal[] {
  const meant = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const steps = [...base, ...(issue.path as Step[])];
    for (const key of issue.keys) {
      const name = nearest(key, knownNames(looked.schema, looked.value, steps));
      if (name !== undefined) meant.add(formatPath([...steps, name]));
    }
  }
  return refusals.filter(({ path, message }) => message !== missing || !meant.has(path));
}

const missing = 'is missing';

function butIs(must: string, input: unknown, steps: readonly Step[]): string {
  return input === undefined ? missing : `${must}, is ${shown(input, steps)}`;
}

function choice(must: string, input: unknown, options: readonly string[], steps: readonly Step[]): string {
  if (input === undefined) return `${missing}; ${must}`;
  return `${must}, is ${shown(input, steps)}${typeof input === 'string' ? suggestion(input, options) : ''}`;
}

function shown(input: unknown, steps: readonly Step[]): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'an object';
  if (!steps.includes('auth') && !steps.includes('bind')) return shorten(JSON.stringify(input));
  return input === null ? 'null' : (typeWords[typeof input] ?? typeof input);
}

function shorten(json: string): string {
  return json.length > 60 ? `${json.slice(0, 56)} …"` : json;
}

function anyOf(values: readonly string[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
