import { Environment, EvaluationError, ParseError, serialize, TypeError as CheckError } from '@marcbachmann/cel-js';
import { createDateFunctions, NoDate, outputFormatProblem, UnreadableDate } from '../model/dates/date-functions.ts';
import type { DateSettings } from '../model/dates/read-date.ts';
import type { Json } from '../model/resource.ts';
import type { SourceNames } from '../model/reading/source-names.ts';
import type { Tables } from '../model/target/tables.ts';
import type { ExpressionContext, GroupVariables, RowSubject } from './expression-context.ts';
import {
  attributeExpression,
  attributesOf,
  hasValue,
  noVariables,
  sourceVariables,
  usedJoinedAttributes,
  valueOf,
  variablesOfSource,
  withSourceVariables,
  type AttributeVariable,
  type AttributeVariables,
} from './expressions/attribute-variables.ts';
import { hints, positionIn } from './expressions/syntax-hints.ts';
import { toJson } from './expressions/to-json.ts';
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
 * With several sources, a `user` also has the variables of `sourceVariables`.
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
  /** The same for each joined source that it reads; names X of `ad.X`, `adValues.X`. */
  readonly usedJoined: ReadonlyMap<string, ReadonlySet<string> | undefined>;
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

/** What an expression may read besides its record. */
export interface ExpressionSettings {
  readonly tables?: Tables | undefined;
  /** How `parseDate` and `formatDate` read dates; by default only ISO 8601 and numbers, in UTC. */
  readonly dates?: DateSettings | undefined;
  /** The sources; undefined: there is one without a name. */
  readonly sources?: SourceNames | undefined;
}

/**
 * `user.X` / `group.X` is the first value of a source attribute, `values.X` all of them.
 *
 * An expression that many targets have, or that each pass of a daemon compiles, is compiled once.
 *
 * @throws ExpressionSyntaxError for syntax errors and type errors
 */
export function compileExpression(
  text: string,
  subject: ExpressionSubject,
  { tables, dates = isoDates, sources }: ExpressionSettings = {},
): Expression {
  const ofTables = subject === 'user' || subject === 'group' ? tables : undefined;
  const language = languageOf(subject, dates, sources);
  const environment = ofTables === undefined ? language.environment : withTables(language.environment, ofTables);
  const known = compiled.get(environment) ?? new Map<string, Expression>();
  compiled.set(environment, known);
  let expression = known.get(text);
  if (expression === undefined)
    known.set(text, (expression = compileIn({ ...language, environment }, text, subject, ofTables, sources)));
  return expression;
}

/** The valid expressions by their language, which has the subject, the sources and the tables. */
const compiled = new WeakMap<Environment, Map<string, Expression>>();

function compileIn(
  { environment, variables, ofSources }: Language,
  text: string,
  subject: ExpressionSubject,
  tables: Tables | undefined,
  sources: SourceNames | undefined,
): Expression {
  const evaluate = parse(environment, text, subject);
  const attribute = subject === 'resource' ? undefined : referenceAt(evaluate.ast, variables);
  const required = subject === 'resource' ? [] : requiredAttributeNames(evaluate.ast, variables);
  const usesSources = usedVariables(evaluate.ast, [...ofSources.keys()]).size > 0;
  const usedGroupVariables = usedVariables(evaluate.ast, subject === 'user' ? groupVariables : []);
  const common = {
    text,
    type: typeOf(evaluate, text, subject),
    usedAttributes: usedAttributeNames(evaluate.ast, variablesOfSource(variables, undefined)),
    usedJoined: usedJoinedAttributes(evaluate.ast, variables, sources?.joined ?? []),
    usedGroupVariables,
    usesDates: /\b(?:parseDate|formatDate)\b/.test(text),
    usesTables: tables !== undefined && usedVariables(evaluate.ast, ['tables']).size > 0,
  };
  if (tables !== undefined) requireTables(evaluate.ast, tables);
  const variableNamed = (name: string): AttributeVariable => variables.get(name) ?? ownRecord;
  if (attribute !== undefined) {
    const { name, variable } = attribute;
    const used = variableNamed(variable);
    return { ...common, evaluate: (context) => valueOf(context, name, variable, used) };
  }
  return {
    ...common,
    evaluate(context) {
      if (usedGroupVariables.size > 0 && context.groups === undefined) return { kind: 'missing', name: 'groups' };
      for (const { name, variable } of required) {
        if (!hasValue(attributesOf(context, variableNamed(variable)), name))
          return { kind: 'missing', name: attributeExpression(variable, name) };
      }
      try {
        return {
          kind: 'value',
          value: toJson(evaluate(usesSources ? withSourceVariables(context, ofSources) : context.variables)),
        };
      } catch (error) {
        return failureResult(error);
      }
    },
  };
}

type Evaluate = ReturnType<Environment['parse']>;

interface Language {
  readonly environment: Environment;
  readonly variables: AttributeVariables;
  /** Those of them that are named after sources. */
  readonly ofSources: AttributeVariables;
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
  const replace = (text: string, from: string, to: string): string => text.replaceAll(from, () => to);
  environment.registerFunction('string.replace(string, string): string', replace, { async: false });
  const variables = Object.keys(types).map((name) => [name, { source: undefined, isList: name === 'values' }] as const);
  return { environment, variables: new Map(variables), ofSources: noVariables };
}

const ownRecord: AttributeVariable = { source: undefined, isList: false };

const languagesWithSources = new Map<string, Language>();

/** The language of an expression: the functions for dates, and the variables of sources in expressions about users. */
function languageOf(subject: ExpressionSubject, dates: DateSettings, sources: SourceNames | undefined): Language {
  const { variables } = languages[subject];
  const environment = withDates(subject, dates);
  if (sources === undefined || subject !== 'user') return { environment, variables, ofSources: noVariables };
  const id = JSON.stringify([sources, dates]);
  let extended = languagesWithSources.get(id);
  if (extended === undefined) {
    const ofSources = sourceVariables(sources);
    const withSources = environment.clone();
    for (const [name, { isList }] of ofSources)
      withSources.registerVariable(name, isList ? userVariables.values : userVariables.user);
    extended = { environment: withSources, variables: new Map([...variables, ...ofSources]), ofSources };
    languagesWithSources.set(id, extended);
  }
  return extended;
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

function failureResult(error: unknown): ExpressionResult {
  if (error instanceof NoDate) return { kind: 'missing', name: 'the date' };
  if (error instanceof UnreadableDate) return { kind: 'error', message: error.message };
  if (!(error instanceof EvaluationError)) throw error;
  const isMissing = error.code === 'no_such_key' || error.code === 'index_out_of_bounds';
  if (isMissing && error.node !== undefined) return { kind: 'missing', name: serialize(error.node) };
  return { kind: 'error', message: error.summary };
}
