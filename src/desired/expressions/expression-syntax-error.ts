/** One sentence, with the position if it is known. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';
  readonly code = 'config.expression';
}
