import type { LockHolder } from '../sqlite/lock.ts';
import type { Transactions } from '../sqlite/transactions.ts';

/** The lock of a state. A pass holds it while it runs; the end of the process frees it. */
export interface StateLock {
  release(): Promise<void>;
}

/** A state that processes on several machines share. This process works on a copy of it in a file. */
export interface SharedState {
  /** The state in words, for messages: without user and password. */
  readonly place: string;
  /**
   * Brings the copy to the last commit. Without a state, there is no copy either.
   *
   * @returns whether there is a state
   * @throws OperatorError
   */
  refresh(): Promise<boolean>;
  /**
   * Transactions that begin when the copy has everything that others committed, and whose changes are committed to the
   * shared state before they are committed to the copy.
   *
   * @param local the transactions of the copy
   */
  transactions(local: Transactions): Transactions;
  /** Locks the state for one pass. @throws OperatorError that names the current holder */
  lock(holder: LockHolder): Promise<StateLock>;
  /** Keeps the copy at the last commit until `close`. */
  follow(): void;
  /** The state becomes that of the copy, whatever it was. */
  replace(): Promise<void>;
  close(): Promise<void>;
}
