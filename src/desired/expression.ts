import type { DateSettings } from '../model/dates/read-date.ts';
import type { Json } from '../model/resource.ts';
import type { SourceNames } from '../model/reading/source-names.ts';
import type { Tables } from '../model/target/tables.ts';
import type { ExpressionContext, ExpressionSubject, GroupVariables } from './expression-context.ts';
import {
  attributeExpression,
  attributesOf,
  hasValue,
  usedJoinedAttributes,
  valueOf,
  variablesOfSource,
  withSourceVariables,
  type AttributeVariable,
} from './expressions/attribute-variables.ts';
import { withBudget } from './expressions/cel/cost.ts';
import { failureOf } from './expressions/cel/failure.ts';
import { groupVariables, isoDates, languageOf, type Language } from './expressions/cel/languages.ts';
import { parseExpression } from './expressions/cel/parse.ts';
import { ExpressionSyntaxError } from './expressions/expression-syntax-error.ts';
import { toJson } from './expressions/to-json.ts';
import {
  requiredAttributeNames,
  usedAttributeNames,
  usedVariables,
  referenceAt,
  referencedNames,
  type SyntaxNode,
} from './expression-names.ts';

export { ExpressionSyntaxError, type ExpressionSubject };

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
  const language = languageOf(subject, dates, sources, ofTables);
  const known = compiled.get(language.environment) ?? new Map<string, Expression>();
  compiled.set(language.environment, known);
  let expression = known.get(text);
  if (expression === undefined) known.set(text, (expression = compileIn(language, text, subject, ofTables, sources)));
  return expression;
}

/** The valid expressions by their language, which has the subject, the sources and the tables. */
const compiled = new WeakMap<Language['environment'], Map<string, Expression>>();

function compileIn(
  { environment, variables, ofSources }: Language,
  text: string,
  subject: ExpressionSubject,
  tables: Tables | undefined,
  sources: SourceNames | undefined,
): Expression {
  const { root, type, evaluate } = parseExpression(environment, text, subject);
  const attribute = subject === 'resource' ? undefined : referenceAt(root, variables);
  const required = subject === 'resource' ? [] : requiredAttributeNames(root, variables);
  const usesSources = usedVariables(root, [...ofSources.keys()]).size > 0;
  const usedGroupVariables = usedVariables(root, subject === 'user' ? groupVariables : []);
  const common = {
    text,
    type,
    usedAttributes: usedAttributeNames(root, variablesOfSource(variables, undefined)),
    usedJoined: usedJoinedAttributes(root, variables, sources?.joined ?? []),
    usedGroupVariables,
    usesDates: /\b(?:parseDate|formatDate)\b/.test(text),
    usesTables: tables !== undefined && usedVariables(root, ['tables']).size > 0,
  };
  if (tables !== undefined) requireTables(root, tables);
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
      const given = usesSources ? withSourceVariables(context, ofSources) : context.variables;
      try {
        return { kind: 'value', value: withBudget(() => toJson(evaluate(given))) };
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

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
