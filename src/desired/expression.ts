import { Environment, EvaluationError, ParseError, serialize, TypeError as CheckError } from '@marcbachmann/cel-js';
import type { Attributes } from '../model/record.ts';
import { createDateFunctions, NoDate, outputFormatProblem, UnreadableDate } from '../model/dates/date-functions.ts';
import type { DateSettings } from '../model/dates/read-date.ts';
import type { Json } from '../model/resource.ts';
import type { Tables } from '../model/target/tables.ts';
import type { ExpressionContext, GroupVariables, RowSubject } from './expression-context.ts';
import {
  literalDateFormats,
  literalPatterns,
  requiredAttributeNames,
  usedAttributeNames,
  usedVariables,
  referenceAt,
  referencedNames,
  type SyntaxNode,
} from './expression-names.ts';

/**
 * The variables of an expression: `user`, `values`, `groups` and `groupKeys`; `group` and `values`; `membership` and
 * `values`; or `scim`, the mapped resource. A `userRow` is a user while the source is read: its groups are not known.
 */
export type ExpressionSubject = RowSubject | 'userRow' | 'resource';

/** The result of an expression for one record. */
export type ExpressionResult =
  | { readonly kind: 'value'; readonly value: Json }
  /** It needs an attribute that the record does not have; `name` as in the expression: `user.department`. */
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'error'; readonly message: string };

/** A CEL expression (Common Expression Language), parsed and checked. */
export interface Expression {
  readonly text: string;
  /** The static type: `string`, `bool`, `list<string>` …; `dyn` if it is known only after evaluation. */
  readonly type: string;
  /** Names X of `user.X`, `values.X`, `user["X"]`; undefined if a name is computed. */
  readonly usedAttributes: ReadonlySet<string> | undefined;
  /** Which of the variables `groups` and `groupKeys` it reads. */
  readonly usedGroupVariables: ReadonlySet<keyof GroupVariables>;
  /** Whether it looks up a value in a table of the configuration. */
  readonly usesTables: boolean;
  /** Whether it reads or writes dates, by the formats and the zone of the configuration. */
  readonly usesDates: boolean;
  evaluate(context: ExpressionContext): ExpressionResult;
}

/** One sentence, with the position if it is known. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';
  readonly code = 'config.expression';
}

/**
 * `user.X` / `group.X` is the first value of a source attribute, `values.X` all of them.
 *
 * @param dates how `parseDate` and `formatDate` read dates; by default only ISO 8601 and numbers, in UTC
 * @throws ExpressionSyntaxError for syntax errors and type errors
 */
export function compileExpression(
  text: string,
  subject: ExpressionSubject,
  tables?: Tables,
  dates: DateSettings = isoDates,
): Expression {
  const { variables } = languages[subject];
  const hasTables = tables !== undefined && (subject === 'user' || subject === 'group');
  const environment = withDates(subject, dates);
  const evaluate = parse(hasTables ? withTables(environment, tables) : environment, text, subject);
  const attribute = subject === 'resource' ? undefined : referenceAt(evaluate.ast, variables);
  const required = subject === 'resource' ? [] : requiredAttributeNames(evaluate.ast, variables);
  const usedGroupVariables = usedVariables(evaluate.ast, subject === 'user' ? groupVariables : []);
  const common = {
    text,
    type: typeOf(evaluate, text, subject),
    usedAttributes: usedAttributeNames(evaluate.ast, variables),
    usedGroupVariables,
    usesDates: /\b(?:parseDate|formatDate)\b/.test(text),
    usesTables: hasTables && usedVariables(evaluate.ast, ['tables']).size > 0,
  };
  if (hasTables) requireTables(evaluate.ast, tables);
  if (attribute !== undefined)
    return { ...common, evaluate: ({ attributes }) => valueOf(attributes, attribute.name, attribute.variable) };
  return {
    ...common,
    evaluate(context) {
      if (usedGroupVariables.size > 0 && context.groups === undefined) return { kind: 'missing', name: 'groups' };
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

/** The expression for an attribute: `user.mail`, `user["e-mail"]`. */
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

const groupVariables = ['groups', 'groupKeys'] as const;

const userVariables = { user: 'map<string, string>', values: 'map<string, list<string>>' };

const languages: Readonly<Record<ExpressionSubject, Language>> = {
  user: language(userVariables, Object.fromEntries(groupVariables.map((name) => [name, 'list<string>']))),
  userRow: language(userVariables),
  group: language({ group: 'map<string, string>', values: 'map<string, list<string>>' }),
  membership: language({ membership: 'map<string, string>', values: 'map<string, list<string>>' }),
  resource: language({ scim: 'map<string, dyn>' }),
};

/** @param types variables with attributes @param lists variables without attributes */
function language(types: Readonly<Record<string, string>>, lists: Readonly<Record<string, string>> = {}): Language {
  const environment = new Environment({ homogeneousAggregateLiterals: false });
  for (const [name, type] of Object.entries({ ...types, ...lists })) environment.registerVariable(name, type);
  // String functions of CEL's extension library that the package does not provide.
  const options = { async: false };
  const replace = (text: string, from: string, to: string): string => text.replaceAll(from, () => to);
  environment.registerFunction('string.replace(string, string): string', replace, options);
  return { environment, variables: new Set(Object.keys(types)) };
}

const isoDates: DateSettings = { formats: [], zone: 'UTC', numbers: 'excel' };
const dateEnvironments = new Map<string, Environment>();

/** The environment with the functions for dates, in expressions of targets about users and groups. */
function withDates(subject: ExpressionSubject, dates: DateSettings): Environment {
  const { environment } = languages[subject];
  if (subject !== 'user' && subject !== 'group') return environment;
  const id = JSON.stringify([subject, dates.formats, dates.zone, dates.numbers]);
  let extended = dateEnvironments.get(id);
  if (extended === undefined) {
    const { parseDate, formatDate } = createDateFunctions(dates);
    const moment = environment.parse('timestamp(0)').check().type ?? 'dyn';
    const options = { async: false };
    extended = environment
      .clone()
      .registerFunction(`parseDate(string): ${moment}`, parseDate, options)
      .registerFunction('formatDate(string, string): string', formatDate, options)
      .registerFunction(`formatDate(${moment}, string): string`, formatDate, options);
    dateEnvironments.set(id, extended);
  }
  return extended;
}

const tableEnvironments = new WeakMap<Tables, Map<Environment, Environment>>();

/** The environment with the tables of a configuration as the constant `tables`. */
function withTables(environment: Environment, tables: Tables): Environment {
  const known = tableEnvironments.get(tables) ?? new Map<Environment, Environment>();
  tableEnvironments.set(tables, known);
  let extended = known.get(environment);
  if (extended === undefined) {
    // Maps, not objects: a table may have the key "constructor". CEL's integers are BigInts.
    const rows = (table: Tables[string]): Map<string, unknown> => new Map(Object.entries(table));
    const value = new Map(Object.entries(tables).map(([name, table]) => [name, rows(table)]));
    extended = environment.clone().registerConstant('tables', 'map<string, map<string, dyn>>', value);
    known.set(environment, extended);
  }
  return extended;
}

/** @throws ExpressionSyntaxError for a table that the configuration does not have */
function requireTables(root: SyntaxNode, tables: Tables): void {
  for (const name of referencedNames(root, 'tables')) {
    if (Object.hasOwn(tables, name)) continue;
    const known = Object.keys(tables);
    const list = known.length === 0 ? 'the configuration has no tables' : `the tables are ${known.join(', ')}`;
    throw new ExpressionSyntaxError(`there is no table ${JSON.stringify(name)}; ${list}`);
  }
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
  for (const format of literalDateFormats(evaluate.ast)) {
    const problem = outputFormatProblem(format);
    if (problem !== undefined) throw new ExpressionSyntaxError(problem);
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
  user: '; use user.NAME (first value), values.NAME (list), or user["NAME"] if the name is not a plain word',
  userRow:
    '; use user.NAME (first value), values.NAME (list), or user["NAME"] if the name is not a plain word; ' +
    'groups are known only in scope.users and mapping.user of a target',
  group: '; use group.NAME (first value), values.NAME (list), or group["NAME"] if the name is not a plain word',
  membership: '; use membership.NAME (the cell of a column), or membership["NAME"] if the name is not a plain word',
  resource: '; use scim, the mapped resource: scim.userName',
};

function positionIn(text: string, offset: number | undefined): string {
  if (offset === undefined) return '';
  const before = text.slice(0, offset).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function failureResult(error: unknown): ExpressionResult {
  if (error instanceof NoDate) return { kind: 'missing', name: 'the date' };
  if (error instanceof UnreadableDate) return { kind: 'error', message: error.message };
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

/** Converts CEL's BigInt, Date and Uint8Array to JSON values (RFC 7643 section 2.3). */
function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [String(name), toJson(item)]));
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    // The remaining types are classes of the package: unsigned integer, duration, type.
    const plain: unknown = (value as object).valueOf();
    return typeof plain === 'bigint' ? Number(plain) : `${value as string}`;
  }
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, toJson(item)]));
}

/** Whether an expression about a user reads `groups` or `groupKeys`; false for an invalid one. */
export function usesGroups(text: string, tables?: Tables): boolean {
  if (checkExpression(text, 'user', 'value', tables) !== undefined) return false;
  return compileExpression(text, 'user', tables).usedGroupVariables.size > 0;
}

/**
 * The error of an expression, as a sentence; undefined if it is valid.
 * @param use whether it decides (true or false) or gives the value of an attribute
 */
export function checkExpression(
  text: string,
  subject: ExpressionSubject,
  use: 'condition' | 'value',
  tables?: Tables,
): string | undefined {
  try {
    const { type } = compileExpression(text, subject, tables);
    return use === 'condition' && !['bool', 'string', 'dyn'].includes(type)
      ? `must be true or false, and this expression gives ${type}`
      : undefined;
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error.message;
    throw error;
  }
}
