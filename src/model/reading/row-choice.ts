/** Which of several rows of one user is the user: two jobs, for example. */
export type RowsPolicy = 'first' | 'last' | 'anyActive';

/** What decides between two rows with the same key. */
export interface RowChoice {
  readonly active: boolean;
  /** The cell of the `orderBy` column; undefined: there is none, so the order of the file decides. */
  readonly order: string | undefined;
}
