import type { Clock } from '../../model/clock.ts';
import type { PostgresSettings } from './connect.ts';

/** What a state in PostgreSQL works with. */
export interface PostgresOptions {
  readonly settings: PostgresSettings;
  /** The working copy. */
  readonly file: string;
  /** Whether no later process uses the copy. */
  readonly isTemporary: boolean;
  readonly clock: Clock;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonic: () => number;
  /** Differs for each process. */
  readonly writer: string;
  readonly patienceMs?: number;
}
