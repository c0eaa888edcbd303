import {
  EvaluationError,
  type Environment,
  ParseError,
  serialize,
  TypeError as CheckError,
} from '@marcbachmann/cel-js';
import { NoDate, outputFormatProblem, UnreadableDate } from '../model/dates/date-functions.ts';
import type { DateSettings } from '../model/dates/read-date.ts';
import type { Json } from '../model/resource.ts';
import type { SourceNames } from '../model/reading/source-names.ts';
import type { Tables } from '../model/target/tables.ts';
import type { ExpressionContext, GroupVariables, RowSubject } from './expression-context.ts';
import {
  attributesOf,
  hasValue,
  usedJoinedAttributes,
  variablesOfSource,
  withSourceVariables,
  type AttributeVariable,
} from './expressions/attribute-variables.ts';
import { groupVariables, isoDates, languageOf, withTables, type Language } from './expressions/language.ts';
import { hints } from './expressions/syntax-hints.ts';
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

/** The expression for an attribute: `user.mail`, `user["e-mail"]`. */
export function attributeExpression(variable: string, name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== 'in'
    ? `${variable}.${name}`
    : `${variable}[${JSON.stringify(name)}]`;
}

type Evaluate = ReturnType<Environment['parse']>;

const ownRecord: AttributeVariable = { source: undefined, isList: false };

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

function valueOf(
  context: ExpressionContext,
  name: string,
  variable: string,
  used: AttributeVariable,
): ExpressionResult {
  const attributes = attributesOf(context, used);
  if (!hasValue(attributes, name)) return { kind: 'missing', name: attributeExpression(variable, name) };
  const values = attributes[name] ?? [];
  return { kind: 'value', value: used.isList ? values : (values[0] ?? null) };
}
