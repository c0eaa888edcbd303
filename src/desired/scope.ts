import {
  compileExpression,
  ExpressionSyntaxError,
  type ExpressionSubject,
  type Expression,
  type ExpressionSettings,
} from './expression.ts';
import type { ExpressionContext } from './expression-context.ts';

/** Whether a record is in scope, with the reason as a sentence. */
export type ScopeDecision =
  | { readonly kind: 'in'; readonly reason: string }
  | { readonly kind: 'out'; readonly reason: string }
  /** The expression failed: this adds or removes no user. */
  | { readonly kind: 'undecided'; readonly reason: string };

/** @throws ExpressionSyntaxError also for an expression whose type is not boolean */
export function compileScope(text: string, subject: ExpressionSubject, settings?: ExpressionSettings): Expression {
  const expression = compileExpression(text, subject, settings);
  if (expression.type === 'bool' || expression.type === 'dyn') return expression;
  throw new ExpressionSyntaxError(`must be true or false, and this expression gives ${expression.type}`);
}

/** Both conditions must hold. What is certainly out stays out, whether or not the other one can be decided. */
export function bothScopes(one: ScopeDecision, other: ScopeDecision): ScopeDecision {
  const decisive = [one, other].find(({ kind }) => kind === 'out') ?? [one, other].find(({ kind }) => kind !== 'in');
  return decisive ?? { kind: 'in', reason: `${one.reason}, and ${other.reason}` };
}

/** A scope that meets a missing attribute is false. */
export function decideScope(scope: Expression | undefined, context: ExpressionContext): ScopeDecision {
  if (scope === undefined) return { kind: 'in', reason: 'no scope is set' };
  const result = scope.evaluate(context);
  if (result.kind === 'missing') return { kind: 'out', reason: `scope is false: ${result.name} is missing` };
  if (result.kind === 'error') return { kind: 'undecided', reason: `scope cannot be decided: ${result.message}` };
  if (typeof result.value !== 'boolean') {
    return {
      kind: 'undecided',
      reason: `scope cannot be decided: it gives ${JSON.stringify(result.value)}, not true or false`,
    };
  }
  return result.value
    ? { kind: 'in', reason: `scope is true: ${scope.text}` }
    : { kind: 'out', reason: `scope is false: ${scope.text}` };
}
