import type { ExitCode } from '../context.ts';

/** What a command without a configuration needs of the run of the program. */
export interface RunWithoutConfig {
  /** The command line without the program name. */
  readonly commandLine: string;
  /** Aborted by SIGTERM and SIGINT. */
  readonly stop: AbortSignal;
  setExitCode(code: ExitCode): void;
  /** Receives what hides the secrets that the command read, for the message of an error. */
  onSecrets(redact: (text: string) => string): void;
}
