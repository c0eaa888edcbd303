/** One mistake in a configuration. */
export interface ConfigIssue {
  /** Its place: `targets[0].guard.maxRemovals`; empty for the file as a whole. */
  readonly path: string;
  readonly code: string;
  /** What is wrong and what is valid, as the rest of a sentence that begins with the path. */
  readonly message: string;
}

/** An error that a caller can act on. The message states what happened, how much, and what to do; it has no secrets. */
export class ScimsyncError extends Error {
  override readonly name: string = 'ScimsyncError';
  /** Names the cause, such as `state.locked`; docs/operating.md lists all of them. */
  readonly code: string;
  /** All mistakes of a configuration, with the code `config.invalid`; otherwise empty. */
  readonly issues: readonly ConfigIssue[];

  constructor(code: string, message: string, issues: readonly ConfigIssue[]) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}
