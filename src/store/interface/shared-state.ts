import type { LockHolder } from '../sqlite/lock.ts';
import type { Transactions } from '../sqlite/transactions.ts';

/** The lock of a state. A pass holds it while it runs; the end of the process frees it. */
export interface StateLock {
  release(): Promise<void>;
}

/** The right to work as the daemon of a shared state: one process has it. */
export interface WorkPermit {
  /** Aborted when it is lost, so that another process may have it. */
  readonly lost: AbortSignal;
  /** Whether no other process has it. A process that was stopped and goes on finds false at once. */
  isHeld(): boolean;
  release(): Promise<void>;
}

/** The daemons of a shared state, by process and host. */
export interface Daemons {
  readonly worker: string | undefined;
  readonly standbys: readonly string[];
}

/** What a standby learns while it waits. */
export interface Waiting {
  /** Another process works. @param name its process and host; undefined: it has just ended */
  onStandby(name: string | undefined): void;
  /** The database cannot be used now. */
  onFailure(error: unknown): void;
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
  /**
   * Waits until this process may work as the daemon, and holds that right against processes that the server still
   * receives signs of life from. Its sessions end when they are silent for seconds.
   *
   * @param name process and host, for the others
   * @returns undefined: `stop` was aborted
   */
  awaitWork(name: string, waiting: Waiting, stop: AbortSignal): Promise<WorkPermit | undefined>;
  /** @throws OperatorError if the database cannot be used */
  daemons(): Promise<Daemons>;
  /** Keeps the copy at the last commit until `close`. */
  follow(): void;
  /** The state becomes that of the copy, whatever it was. */
  replace(): Promise<void>;
  close(): Promise<void>;
}
