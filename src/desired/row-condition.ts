import type { Attributes } from '../model/record.ts';
import type { Json } from '../model/resource.ts';
import { compileExpression, ExpressionSyntaxError, type ExpressionResult } from './expression.ts';
import { rowContext, type RowSubject } from './expression-context.ts';

/** The operator's condition for rows of the source: `user.end_date == ''`. */
export interface RowCondition {
  readonly text: string;
  /** Names of the columns that it reads; undefined if it computes a name. */
  readonly usedAttributes: ReadonlySet<string> | undefined;
  evaluate(attributes: Attributes): boolean | { error: string };
}

/**
 * A condition for rows of the source: `active`, `where`. A blank cell is first a missing attribute, so that
 * `has(user.end_date)` works. If the expression needs it, blank cells become empty strings, so that
 * `user.end_date == ''` works too. `"true"` and `"false"` are accepted.
 * @throws ExpressionSyntaxError
 */
export function compileRowCondition(text: string, subject: RowSubject): RowCondition {
  const expression = compileExpression(text, subject === 'user' ? 'userRow' : subject);
  if (!['bool', 'string', 'dyn'].includes(expression.type)) {
    throw new ExpressionSyntaxError(`must be true or false, and this expression gives ${expression.type}`);
  }
  const blanks = Object.fromEntries([...(expression.usedAttributes ?? [])].map((name) => [name, ['']]));
  return {
    text,
    usedAttributes: expression.usedAttributes,
    evaluate(attributes) {
      const result = expression.evaluate(rowContext(subject, attributes));
      if (result.kind !== 'missing') return toDecision(result);
      return toDecision(expression.evaluate(rowContext(subject, { ...blanks, ...attributes })));
    },
  };
}

function toDecision(result: ExpressionResult): boolean | { error: string } {
  if (result.kind === 'missing') return { error: `${result.name} is missing` };
  if (result.kind === 'error') return { error: result.message };
  return parseBoolean(result.value) ?? { error: `gives ${JSON.stringify(result.value)}, not true or false` };
}

function parseBoolean(value: Json): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return word === 'true' ? true : word === 'false' ? false : undefined;
}
