import type { Attributes } from '../model/record.ts';

/** An expression of the operator that is true or false for a row. */
export interface RowCondition {
  /** The source text of the expression. */
  readonly text: string;
  /** The attributes that it reads, so that a misspelt one is an error. Undefined where it computes a name. */
  readonly usedAttributes?: ReadonlySet<string> | undefined;
  evaluate(attributes: Attributes): boolean | { readonly error: string };
}

/** Decides whether a user is active. */
export type ActiveCondition = RowCondition;
