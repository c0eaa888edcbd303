/** What `history --verify` found. */
export interface ChainReport {
  /** The number of entries and their last hash; undefined: there is no chain yet. */
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  readonly operations: number;
  readonly passes: number;
  /** The retention may have removed passes up to this one; 0: it removed none. */
  readonly cut: number;
  /** Passes that ended and are not in the chain yet. */
  readonly waiting: number;
  /** Where the journal contradicts the chain. */
  readonly findings: readonly string[];
}
