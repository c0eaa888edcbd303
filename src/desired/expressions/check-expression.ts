import {
  compileExpression,
  ExpressionSyntaxError,
  type ExpressionSettings,
  type ExpressionSubject,
} from '../expression.ts';

/** Whether an expression about a user reads `groups` or `groupKeys`; false for an invalid one. */
export function usesGroups(text: string, settings: ExpressionSettings = {}): boolean {
  if (checkExpression(text, 'user', 'value', settings) !== undefined) return false;
  return compileExpression(text, 'user', settings).usedGroupVariables.size > 0;
}

/**
 * The error of an expression, as a sentence; undefined if it is valid.
 * @param use whether it decides (true or false) or gives the value of an attribute
 */
export function checkExpression(
  text: string,
  subject: ExpressionSubject,
  use: 'condition' | 'value',
  settings: ExpressionSettings = {},
): string | undefined {
  try {
    const { type } = compileExpression(text, subject, settings);
    return use === 'condition' && !['bool', 'string', 'dyn'].includes(type)
      ? `must be true or false, and this expression gives ${type}`
      : undefined;
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error.message;
    throw error;
  }
}
