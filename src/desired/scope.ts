import { compileExpression, ExpressionSyntaxError, type About, type Context, type Expression } from './expression.ts';

export type ScopeDecision =
  | { readonly kind: 'in'; readonly because: string }
  | { readonly kind: 'out'; readonly because: string }
  /** The expression failed: nobody is added or removed on the strength of that. */
  | { readonly kind: 'undecided'; readonly because: string };

/** @throws ExpressionSyntaxError also for an expression that can never be true or false */
export function compileScope(text: string, about: About): Expression {
  const expression = compileExpression(text, about);
  if (expression.type === 'bool' || expression.type === 'dyn') return expression;
  throw new ExpressionSyntaxError(`must be true or false, and this expression gives ${expression.type}`);
}

/** A scope that meets a missing attribute is false. */
export function decideScope(scope: Expression | undefined, context: Context): ScopeDecision {
  if (scope === undefined) return { kind: 'in', because: 'no scope is set' };
  const result = scope.evaluate(context);
  if (result.kind === 'missing') return { kind: 'out', because: `scope is false: ${result.name} is missing` };
  if (result.kind === 'error') return { kind: 'undecided', because: `scope cannot be decided: ${result.message}` };
  if (typeof result.value !== 'boolean') {
    return {
      kind: 'undecided',
      because: `scope cannot be decided: it gives ${JSON.stringify(result.value)}, not true or false`,
    };
  }
  return result.value
    ? { kind: 'in', because: `scope is true: ${scope.text}` }
    : { kind: 'out', because: `scope is false: ${scope.text}` };
}
