import type { Attributes } from '../model/record.ts';
import type { Json } from '../model/resource.ts';
import { compileExpression, ExpressionSyntaxError, recordContext, type Result } from './expression.ts';

/** Who is active, as the operator put it: `user.end_date == ''`. */
export interface ActiveRule {
  readonly text: string;
  /** Names of the columns that it reads; undefined where it computes a name. */
  readonly uses: ReadonlySet<string> | undefined;
  evaluate(attributes: Attributes): boolean | { error: string };
}

/**
 * The `active` expression of a CSV source. A blank cell is first a missing attribute, so that `has(user.end_date)` works; where the
 * expression meets one, blank cells count as empty texts, so that `user.end_date == ''` works too. `"true"` and `"false"` are accepted.
 * @throws ExpressionSyntaxError
 */
export function activeRule(text: string): ActiveRule {
  const expression = compileExpression(text, 'user');
  if (!['bool', 'string', 'dyn'].includes(expression.type)) {
    throw new ExpressionSyntaxError(`must be true or false, and this expression gives ${expression.type}`);
  }
  const blanks = Object.fromEntries([...(expression.uses ?? [])].map((name) => [name, ['']]));
  return {
    text,
    uses: expression.uses,
    evaluate(attributes) {
      const first = expression.evaluate(recordContext('User', attributes));
      if (first.kind !== 'missing') return decision(first);
      return decision(expression.evaluate(recordContext('User', { ...blanks, ...attributes })));
    },
  };
}

function decision(result: Result): boolean | { error: string } {
  if (result.kind === 'missing') return { error: `${result.name} is missing` };
  if (result.kind === 'error') return { error: result.message };
  return truth(result.value) ?? { error: `gives ${JSON.stringify(result.value)}, not true or false` };
}

function truth(value: Json): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return word === 'true' ? true : word === 'false' ? false : undefined;
}
