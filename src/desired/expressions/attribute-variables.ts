import { listVariable, type SourceNames } from '../../model/reading/source-names.ts';
import type { Attributes } from '../../model/record.ts';
import type { Json } from '../../model/resource.ts';
import type { ExpressionContext } from '../expression-context.ts';
import { usedAttributeNames, usedVariables, type SyntaxNode } from '../expression-names.ts';

/** A variable with the attributes of a record. */
export interface AttributeVariable {
  /** The joined source of the record; undefined: the record that the expression is about. */
  readonly source: string | undefined;
  /** It has all values of each attribute, and not only the first. */
  readonly isList: boolean;
}

/** Variable → what it holds. */
export type AttributeVariables = ReadonlyMap<string, AttributeVariable>;

export const noVariables: AttributeVariables = new Map();

/**
 * The variables of several sources in expressions about users: the primary source is the record itself.
 *
 *     hr, hrValues    as user, values
 *     ad, adValues    the record of the joined source ad
 */
export function sourceVariables({ primary, joined }: SourceNames): AttributeVariables {
  const of = (name: string, source: string | undefined): readonly (readonly [string, AttributeVariable])[] => [
    [name, { source, isList: false }],
    [listVariable(name), { source, isList: true }],
  ];
  return new Map([...of(primary, undefined), ...joined.flatMap((name) => of(name, name))]);
}

const noAttributes: Attributes = {};

/** The attributes that a variable holds. */
export const attributesOf = (
  { attributes, joined }: ExpressionContext,
  { source }: Pick<AttributeVariable, 'source'>,
): Attributes => (source === undefined ? attributes : (joined?.[source]?.attributes ?? noAttributes));

/** Whether an attribute has a value. */
export const hasValue = (attributes: Attributes, name: string): boolean =>
  Object.hasOwn(attributes, name) && attributes[name]?.[0] !== undefined;

const contexts = new WeakMap<ExpressionContext, Map<AttributeVariables, object>>();

/** The variables of a context, with those of sources. Prepared once for all expressions about a record. */
export function withSourceVariables(context: ExpressionContext, variables: AttributeVariables): object {
  const known = contexts.get(context) ?? new Map<AttributeVariables, object>();
  contexts.set(context, known);
  let extended = known.get(variables);
  if (extended === undefined) {
    const getters = [...variables].map(([name, variable]) => {
      let value: ReadonlyMap<string, unknown> | undefined;
      const get = (): ReadonlyMap<string, unknown> =>
        (value ??= valuesIn(attributesOf(context, variable), variable.isList));
      return [name, { get, enumerable: true }] as const;
    });
    extended = Object.create(context.variables, Object.fromEntries(getters)) as object;
    known.set(variables, extended);
  }
  return extended;
}

/** Maps, not objects: a column may be called "constructor". */
const valuesIn = (attributes: Attributes, isList: boolean): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(attributes)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => [name, isList ? values : (values[0] ?? '')]),
  );

/** The names of the variables that hold attributes of a source. */
export const variablesOfSource = (variables: AttributeVariables, source: string | undefined): ReadonlySet<string> =>
  new Set([...variables].flatMap(([name, variable]) => (variable.source === source ? [name] : [])));

/** The attributes that an expression reads of each joined source, as `usedAttributeNames` states them. */
export function usedJoinedAttributes(
  root: SyntaxNode,
  variables: AttributeVariables,
  joined: readonly string[],
): ReadonlyMap<string, ReadonlySet<string> | undefined> {
  const used = joined.flatMap((source): [string, ReadonlySet<string> | undefined][] => {
    const ofSource = variablesOfSource(variables, source);
    return usedVariables(root, [...ofSource]).size === 0 ? [] : [[source, usedAttributeNames(root, ofSource)]];
  });
  return new Map(used);
}

/** The expression for an attribute: `user.mail`, `user["e-mail"]`. */
export function attributeExpression(variable: string, name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== 'in'
    ? `${variable}.${name}`
    : `${variable}[${JSON.stringify(name)}]`;
}

/** The value of an expression that is only an attribute. */
export function valueOf(
  context: ExpressionContext,
  name: string,
  variable: string,
  used: AttributeVariable,
): { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'missing'; readonly name: string } {
  const attributes = attributesOf(context, used);
  if (!hasValue(attributes, name)) return { kind: 'missing', name: attributeExpression(variable, name) };
  const values = attributes[name] ?? [];
  return { kind: 'value', value: used.isList ? values : (values[0] ?? null) };
}
