import { EvaluationError } from '@marcbachmann/cel-js';
import { NoDate } from '../../../model/dates/date-functions.ts';
import { originalNames, originalText } from './bounded.ts';
import { patternErrorText } from './patterns.ts';

/** Why an expression has no value for a record: it needs something that the record does not have, or it failed. */
export type Failure =
  { readonly kind: 'missing'; readonly name: string } | { readonly kind: 'error'; readonly message: string };

/**
 * What an exception of an evaluation means for the record. Each exception concerns only its record: an evaluation
 * reaches neither the state nor the network.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof NoDate) return { kind: 'missing', name: 'the date' };
  if (error instanceof EvaluationError) {
    const isMissing = error.code === 'no_such_key' || error.code === 'index_out_of_bounds';
    if (isMissing && error.node?.op !== undefined) return { kind: 'missing', name: originalText(error.node) };
    return { kind: 'error', message: originalNames(error.summary) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'error', message: patternErrorText(error) ?? message };
}
