import { compileExpression, ExpressionSyntaxError, type ExpressionSubject } from './expression.ts';

/**
 * The error of an expression, as a sentence; undefined if it is valid.
 * @param use whether it decides (true or false) or gives the value of an attribute
 */
export function checkExpression(
  text: string,
  subject: ExpressionSubject,
  use: 'condition' | 'value',
): string | undefined {
  try {
    const { type } = compileExpression(text, subject);
    return use === 'condition' && !['bool', 'string', 'dyn'].includes(type)
      ? `must be true or false, and this expression gives ${type}`
      : undefined;
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error.message;
    throw error;
  }
}
