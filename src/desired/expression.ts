import { Environment, EvaluationError, ParseError, serialize, TypeError as CheckError } from '@marcbachmann/cel-js';
import type { ResourceType } from '../model/resource-type.ts';
import type { Attributes } from '../model/record.ts';
import type { Json } from '../model/resource.ts';
import type { JsonObject } from '../model/scim-json.ts';
import { literalPatterns, requiredAttributeNames, usedAttributeNames, referenceAt } from './expression-names.ts';

/** What an expression speaks about: `user` and `values`, `group` and `values`, or `scim`, the resource that a mapping made. */
export type ExpressionSubject = 'user' | 'group' | 'resource';

export type ExpressionResult =
  | { readonly kind: 'value'; readonly value: Json }
  /** It met an attribute that the record does not have; `name` as it stands in the expression: `user.department`. */
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'error'; readonly message: string };

/** A CEL expression (Common Expression Language), parsed and checked. */
export interface Expression {
  readonly text: string;
  /** The type that it certainly has: `string`, `bool`, `list<string>` …; `dyn` where only evaluation can tell. */
  readonly type: string;
  /** Names X of `user.X`, `values.X`, `user["X"]`; undefined where a name is computed, so that any may be read. */
  readonly usedAttributes: ReadonlySet<string> | undefined;
  evaluate(context: ExpressionContext): ExpressionResult;
}

/** One record or resource, made ready once for all the expressions that look at it. */
export interface ExpressionContext {
  readonly attributes: Attributes;
  readonly variables: object;
}

/** One sentence, with the position where there is one. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';
}

/**
 * `user.X` / `group.X` is the first value of a source attribute, `values.X` all of them.
 * @throws ExpressionSyntaxError for what cannot be parsed, and for types that can never fit
 */
export function compileExpression(text: string, subject: ExpressionSubject): Expression {
  const { environment, variables } = languages[subject];
  const evaluate = parse(environment, text, subject);
  const attribute = subject === 'resource' ? undefined : referenceAt(evaluate.ast, variables);
  const required = subject === 'resource' ? [] : requiredAttributeNames(evaluate.ast, variables);
  const common = {
    text,
    type: typeOf(evaluate, text, subject),
    usedAttributes: usedAttributeNames(evaluate.ast, variables),
  };
  if (attribute !== undefined)
    return { ...common, evaluate: ({ attributes }) => valueOf(attributes, attribute.name, attribute.variable) };
  return {
    ...common,
    evaluate(context) {
      for (const { name, variable } of required) {
        if (!hasValue(context.attributes, name)) return { kind: 'missing', name: attributeExpression(variable, name) };
      }
      try {
        return { kind: 'value', value: toJson(evaluate(context.variables)) };
      } catch (error) {
        return failureResult(error);
      }
    },
  };
}

export function recordContext(resourceType: ResourceType, attributes: Attributes): ExpressionContext {
  // Maps, not objects: a column may be called "constructor". Made only when asked for: most rules copy one attribute and need neither.
  let first: Map<string, string> | undefined;
  let all: Map<string, readonly string[]> | undefined;
  const firstValues = (): Map<string, string> =>
    (first ??= new Map(withValues(attributes).map(([name, [value = '']]) => [name, value])));
  const allValues = (): Map<string, readonly string[]> => (all ??= new Map(withValues(attributes)));
  return {
    attributes,
    variables:
      resourceType === 'User'
        ? {
            get user() {
              return firstValues();
            },
            get values() {
              return allValues();
            },
          }
        : {
            get group() {
              return firstValues();
            },
            get values() {
              return allValues();
            },
          },
  };
}

export function resourceContext(resource: JsonObject): ExpressionContext {
  return { attributes: {}, variables: { scim: resource } };
}

/** How an attribute is written in an expression: `user.mail`, `user["e-mail"]`. */
export function attributeExpression(variable: string, name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== 'in'
    ? `${variable}.${name}`
    : `${variable}[${JSON.stringify(name)}]`;
}

type Evaluate = ReturnType<Environment['parse']>;

interface Language {
  readonly environment: Environment;
  readonly variables: ReadonlySet<string>;
}

const languages: Readonly<Record<ExpressionSubject, Language>> = {
  user: language({ user: 'map<string, string>', values: 'map<string, list<string>>' }),
  group: language({ group: 'map<string, string>', values: 'map<string, list<string>>' }),
  resource: language({ scim: 'map<string, dyn>' }),
};

function language(types: Readonly<Record<string, string>>): Language {
  const environment = new Environment({ homogeneousAggregateLiterals: false });
  for (const [name, type] of Object.entries(types)) environment.registerVariable(name, type);
  // The string functions that CEL's extension has and the package lacks.
  const options = { async: false };
  const replace = (text: string, from: string, to: string): string => text.replaceAll(from, () => to);
  environment.registerFunction('string.replace(string, string): string', replace, options);
  return { environment, variables: new Set(Object.keys(types)) };
}

function parse(environment: Environment, text: string, subject: ExpressionSubject): Evaluate {
  try {
    return environment.parse(text);
  } catch (error) {
    throw syntaxError(error, text, subject);
  }
}

function typeOf(evaluate: Evaluate, text: string, subject: ExpressionSubject): string {
  const checked = evaluate.check();
  if (!checked.valid) throw syntaxError(checked.error, text, subject);
  for (const pattern of literalPatterns(evaluate.ast)) {
    try {
      new RegExp(pattern);
    } catch (cause) {
      throw new ExpressionSyntaxError(`matches("${pattern}") is not a regular expression`, { cause });
    }
  }
  return checked.type ?? 'dyn';
}

function syntaxError(error: unknown, text: string, subject: ExpressionSubject): unknown {
  if (!(error instanceof ParseError || error instanceof CheckError)) return error;
  const summary = error.summary.replaceAll('EOF', 'the end of the expression');
  const hint = error.code === 'unknown_variable' ? hints[subject] : '';
  return new ExpressionSyntaxError(`${summary}${positionIn(text, error.range?.start)}${hint}`, { cause: error });
}

const hints: Readonly<Record<ExpressionSubject, string>> = {
  user: '; there are user.NAME (first value) and values.NAME (list), and user["NAME"] for a name that is not a plain word',
  group:
    '; there are group.NAME (first value) and values.NAME (list), and group["NAME"] for a name that is not a plain word',
  resource: '; there is scim, the mapped resource: scim.userName',
};

function positionIn(text: string, offset: number | undefined): string {
  if (offset === undefined) return '';
  const before = text.slice(0, offset).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function failureResult(error: unknown): ExpressionResult {
  if (!(error instanceof EvaluationError)) throw error;
  const isMissing = error.code === 'no_such_key' || error.code === 'index_out_of_bounds';
  if (isMissing && error.node !== undefined) return { kind: 'missing', name: serialize(error.node) };
  return { kind: 'error', message: error.summary };
}

function valueOf(attributes: Attributes, name: string, variable: string): ExpressionResult {
  if (!hasValue(attributes, name)) return { kind: 'missing', name: attributeExpression(variable, name) };
  const values = attributes[name] ?? [];
  return { kind: 'value', value: variable === 'values' ? values : (values[0] ?? null) };
}

function hasValue(attributes: Attributes, name: string): boolean {
  return Object.hasOwn(attributes, name) && attributes[name]?.[0] !== undefined;
}

function withValues(attributes: Attributes): [string, readonly string[]][] {
  return Object.entries(attributes).filter(([, values]) => values.length > 0);
}

/** CEL's integers are BigInt, its times Date, its bytes Uint8Array; SCIM has none of these (RFC 7643 section 2.3). */
function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [String(name), toJson(item)]));
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    // What is left are the package's own classes: an unsigned number, a duration, a type.
    const plain: unknown = (value as object).valueOf();
    return typeof plain === 'bigint' ? Number(plain) : `${value as string}`;
  }
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, toJson(item)]));
}
