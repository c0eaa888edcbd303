import type { Instant } from '../ids.ts';

/** Which of several rows of one user is the user: two jobs, for example. */
export type RowsPolicy = 'first' | 'last' | 'anyActive';

/** What decides between two rows with the same key. */
export interface RowChoice {
  readonly active: boolean;
  /** The start of a period that has not begun; undefined: there is none. */
  readonly startsAt?: Instant | undefined;
  /** The cell of the `orderBy` column; undefined: there is none, so the order of the file decides. */
  readonly order: string | undefined;
}
