import type { Attributes } from '../model/record.ts';

/** Who is active, as the operator's expression says it. */
export interface ActiveCondition {
  /** As it was written; another text may mean other people. */
  readonly text: string;
  /** The attributes that it reads: a misspelt one would be blank for everybody. Undefined where it computes a name. */
  readonly usedAttributes?: ReadonlySet<string> | undefined;
  evaluate(attributes: Attributes): boolean | { readonly error: string };
}
