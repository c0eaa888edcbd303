import type { Secret } from './secrets/secrets.ts';

/** A state in PostgreSQL. */
export interface PostgresConfig {
  readonly url: Secret;
  readonly schema: string;
  /** Absolute. Undefined: the authorities that Node.js knows. */
  readonly caFile: string | undefined;
  /** Whether `Config.state` keeps the working copy; otherwise the command line makes a temporary one. */
  readonly isCopyKept: boolean;
}
