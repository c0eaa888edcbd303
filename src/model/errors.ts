import type { ErrorCode } from './error-codes.ts';
import type { Judgement } from './reading/judgement.ts';
import type { Redact } from './redaction/redactor.ts';

/** 1: something failed · 4: the configuration or the command line is wrong (the contract's exit codes). */
export type FailureCode = 1 | 4;

/**
 * An error that the operator can act on. The message states what happened, how much, and what to do; it is printed
 * without a stack.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  /** Names the cause; tests and scripts compare it instead of the text. */
  readonly code: ErrorCode;
  readonly exitCode: FailureCode;

  constructor(code: ErrorCode, message: string, exitCode: FailureCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** What an error of a source states, with the place for what follows from it: "; nothing was planned". */
type TextOfReading = string | ((consequence: string) => string);

/**
 * The source could not be read completely and consistently: nothing is planned from it. The error states what happened;
 * what follows from it depends on what the source decides.
 */
export class IncompleteReading extends OperatorError {
  private text: TextOfReading;

  constructor(code: ErrorCode, text: TextOfReading, exitCode: FailureCode = 1, options?: ErrorOptions) {
    super(code, textOf(text, 'nothing was planned or changed'), exitCode, options);
    this.text = text;
  }

  /** The message with another consequence: "nothing that depends on it was changed". */
  describe(consequence: string): string {
    return textOf(this.text, consequence);
  }

  /** Changes the message, and what it is for other consequences. */
  protected rewrite(change: (text: string) => string): void {
    const { text } = this;
    this.text = (consequence) => change(textOf(text, consequence));
    this.message = change(this.message);
  }

  /** Hides secrets that a server or a program wrote into its error. */
  redact(redact: Redact): void {
    this.rewrite(redact);
  }

  /**
   * Names the settings of the source as a configuration with several sources has them: `sources.ad.users.file` in place
   * of `source.users.file`.
   */
  nameSettings(source: string): void {
    this.rewrite((text) => namedSettings(text, source));
  }
}

/** The settings of sources that messages name. */
const settingNames =
  'auth|bind|connectTimeoutMs|directory|maxAge|maxMegabytes|settleSeconds|timeLimitSeconds|timeoutMs|tls|url|' +
  'users|groups|memberships';

/** `source` before the name of a setting, not in the name of a file such as `source.users.csv`. */
const settingPrefix = new RegExp(
  String.raw`(?<![\w./\\"-])source(?=\.(?:${settingNames})\b(?!\.(?:csv|json\w*|tsv|txt)\b))`,
  'g',
);

const namedSettings = (text: string, source: string): string => text.replaceAll(settingPrefix, `sources.${source}`);

const textOf = (text: TextOfReading, consequence: string): string =>
  typeof text === 'string' ? text : text(consequence);

/** The reading differs from the last one in what it means, so an operator must accept it. */
export class ImplausibleReading extends IncompleteReading {
  /** All judgements, also those that are only reported. */
  readonly judgements: readonly Judgement[];

  constructor(code: ErrorCode, text: TextOfReading, judgements: readonly Judgement[]) {
    super(code, text);
    this.judgements = judgements;
  }
}

/** The results of this incremental read are discarded: a full read is needed. */
export class FullReadRequired extends Error {
  override readonly name = 'FullReadRequired';
}

/** A defect of scimsync: a condition that the code guarantees does not hold. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * For the default case of a complete `switch`: the compiler reports a missing case. @throws InvariantError
 */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}
