import type { SourceNames } from '../../model/reading/source-names.ts';
import type { Attributes } from '../../model/record.ts';
import { compileExpression, ExpressionSyntaxError } from '../expression.ts';
import { recordContext } from '../expression-context.ts';

/** One side of a join: the value of a record by which it belongs to a record of another source. */
export interface JoinValue {
  readonly text: string;
  /** Names of the attributes that it reads; undefined if it computes a name. */
  readonly usedAttributes: ReadonlySet<string> | undefined;
  /** @returns undefined where the record has no value, or none that can be computed */
  evaluate(attributes: Attributes): string | undefined;
}

/**
 * Compiles one side of a join.
 *
 * @param source the only source that it may read
 * @throws ExpressionSyntaxError
 */
export function compileJoinValue(text: string, source: string, sources: SourceNames): JoinValue {
  const expression = compileExpression(text, 'user', { sources });
  const isPrimary = source === sources.primary;
  const { usedJoined, usedGroupVariables } = expression;
  const readsPrimary = expression.usedAttributes === undefined || expression.usedAttributes.size > 0;
  const other = [...usedJoined.keys(), ...(readsPrimary ? [sources.primary] : [])].find((name) => name !== source);
  if (other !== undefined || usedGroupVariables.size > 0)
    throw new ExpressionSyntaxError(`may read only attributes of ${source}, such as ${source}.NAME`);
  if (!readsPrimary && usedJoined.size === 0)
    throw new ExpressionSyntaxError(`must read an attribute of ${source}, such as ${source}.NAME`);
  if (!['string', 'int', 'double', 'dyn'].includes(expression.type))
    throw new ExpressionSyntaxError(`must be one text, and this expression gives ${expression.type}`);
  return {
    text,
    usedAttributes: isPrimary ? expression.usedAttributes : usedJoined.get(source),
    evaluate(attributes) {
      const context = isPrimary
        ? recordContext('User', attributes)
        : recordContext('User', {}, undefined, { [source]: { state: 'joined', attributes } });
      const result = expression.evaluate(context);
      if (result.kind !== 'value' || (typeof result.value !== 'string' && typeof result.value !== 'number'))
        return undefined;
      return String(result.value).trim() === '' ? undefined : String(result.value);
    },
  };
}

/** What is wrong with one side of a join, as a sentence; undefined: nothing. */
export function checkJoinValue(text: string, source: string, sources: SourceNames): string | undefined {
  try {
    compileJoinValue(text, source, sources);
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error.message;
    throw error;
  }
}
