import type { Client } from 'pg';
import type { Db } from '../database.ts';
import type { ChangeWatch } from './change-watch.ts';
import type { StateRow } from './state-row.ts';

/** The open transaction of this process. */
export interface OpenTransaction {
  /** The connection to the copy. */
  readonly db: Db;
  /** The connection on which the database has it open. */
  readonly client: Client;
  readonly row: StateRow;
  readonly watch: ChangeWatch;
  readonly release: () => void;
}
