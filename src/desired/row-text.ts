import type { Attributes } from '../model/record.ts';
import { compileExpression, type ExpressionResult } from './expression.ts';
import { rowContext } from './expression-context.ts';

/** The operator's expression for a text of a user's row: `user.last_day`. */
export interface RowText {
  readonly text: string;
  /** Names of the columns that it reads; undefined if it computes a name. */
  readonly usedAttributes: ReadonlySet<string> | undefined;
  /** @returns '' where the row has no value */
  evaluate(attributes: Attributes): string | { error: string };
}

/**
 * Compiles an expression whose result is a text or a number. As in conditions, blank cells are empty strings where the
 * expression needs a value. @throws ExpressionSyntaxError
 */
export function compileRowText(text: string): RowText {
  const expression = compileExpression(text, 'userRow');
  const blanks = Object.fromEntries([...(expression.usedAttributes ?? [])].map((name) => [name, ['']]));
  return {
    text,
    usedAttributes: expression.usedAttributes,
    evaluate(attributes) {
      const result = expression.evaluate(rowContext('user', attributes));
      return toText(
        result.kind === 'missing' ? expression.evaluate(rowContext('user', { ...blanks, ...attributes })) : result,
      );
    },
  };
}

function toText(result: ExpressionResult): string | { error: string } {
  if (result.kind === 'missing') return '';
  if (result.kind === 'error') return { error: result.message };
  const { value } = result;
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : { error: `gives ${JSON.stringify(value)}, not a text` };
}
