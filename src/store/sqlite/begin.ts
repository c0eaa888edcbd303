import type Database from 'better-sqlite3';
import { OperatorError } from '../../model/errors.ts';

/** Waits while another process writes. @returns false: it has waited long enough */
export type WaitForWriter = () => Promise<boolean>;

/**
 * Begins a transaction that writes.
 *
 * @param waitForWriter undefined: another process that writes for long is an error
 * @throws OperatorError if the other process still writes
 */
export async function begin(db: Database.Database, waitForWriter: WaitForWriter | undefined): Promise<void> {
  for (;;)
    try {
      db.exec('begin immediate');
      return;
    } catch (error) {
      if (waitForWriter === undefined || !isBusy(error)) throw error;
      if (!(await waitForWriter())) throw stillBusy(error);
    }
}

/** Whether another connection kept SQLite waiting for longer than its limit. */
export const isBusy = (error: unknown): boolean =>
  String((error as { readonly code?: unknown } | undefined)?.code).startsWith('SQLITE_BUSY');

/** The error for a state that another process kept for longer than a command waits. */
export const stillBusy = (cause: unknown): OperatorError =>
  new OperatorError(
    'state.busy',
    'another scimsync is writing a reading or a plan to the state, so nothing was changed; run the command again',
    1,
    { cause },
  );
