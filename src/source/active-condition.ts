import type { Attributes } from '../model/record.ts';

/** The operator's expression that decides whether a user is active. */
export interface ActiveCondition {
  /** The source text of the expression. */
  readonly text: string;
  /** The attributes that it reads, so that a misspelt one is an error. Undefined where it computes a name. */
  readonly usedAttributes?: ReadonlySet<string> | undefined;
  evaluate(attributes: Attributes): boolean | { readonly error: string };
}
