import type { KeyChangeRules } from './identity/key-change-store-interface.ts';
import type { CommandTransaction } from './interface/command-transaction.ts';
import type { DryRunTransaction, PassTransaction } from './interface/pass-transaction.ts';
import type { PlanningTransaction } from './interface/planning-transaction.ts';
import type { ReadingSide } from './interface/reading-transaction.ts';
import type { ServingJournal, ServingTarget } from './interface/serving.ts';
import type { StateView } from './interface/state-view.ts';
import type { Serving } from './serving/serving-interface.ts';
import type { LaneStates } from './lanes/lanes-interface.ts';
import type { NoticeView } from './lanes/notices-interface.ts';
import type { Retention } from './retention/retention-interface.ts';
import type { StateLock } from './interface/shared-state.ts';
import type { LockHolder } from './sqlite/lock.ts';
import type { RemoteResource } from '../model/outcome.ts';

export type * from './audit/access-interface.ts';
export type * from './audit/audit-interface.ts';
export type * from './audit/operator.ts';
export type * from './drift/drift-interface.ts';
export type * from './joined/joined-sources-interface.ts';
export type * from './journal/approvals-interface.ts';
export type * from './journal/holds-interface.ts';
export type * from './journal/names-interface.ts';
export type * from './lanes/lanes-interface.ts';
export type * from './lanes/notices-interface.ts';
export type * from './mirror/mirror-interface.ts';
export type * from './retention/retention-interface.ts';
export type * from './serving/serving-interface.ts';
export type * from './search/search-interface.ts';
export type * from './snapshot/planning-scope.ts';
export type * from './snapshot/target-state-interface.ts';
export type * from './snapshot/leaver-look-ups.ts';
export type * from './snapshot/listing-cache-interface.ts';
export type * from './snapshot/orphans-interface.ts';
export type * from './snapshot/verifications-interface.ts';
export type * from './journal/note.ts';
export type * from './journal/plan/plan-outline-interface.ts';
export type * from './journal/stored-operation.ts';
export type * from './journal/unanswered-interface.ts';
export type * from './identity/key-change-store-interface.ts';
export type * from './suspensions/suspensions-interface.ts';
export type * from './undo/pass-effects-interface.ts';
export type * from './user-groups/user-groups-interface.ts';
export type * from './unique-values/unique-values-interface.ts';
export type * from './interface/command-transaction.ts';
export type * from './interface/pass-transaction.ts';
export type * from './interface/planning-transaction.ts';
export type * from './interface/reading-transaction.ts';
export type * from './interface/serving.ts';
export type * from './interface/state-view.ts';
export type * from './snapshot/target-registry-interface.ts';

/**
 * Everything that scimsync remembers between passes. What may be written where is a matter of types, so that a call in
 * the wrong place does not compile (docs/decisions/0073):
 *
 *     StateView                       questions, everywhere
 *     ├─ Store                        sending: marks, results, read-backs, what was learned; no transaction is open
 *     ├─ ReadingTransaction           the mirrors of the sources
 *     ├─ PlanningTransaction          candidates, operations, notes, holds
 *     │  └─ PassTransaction           both of them: a plan that is carried out only as it was shown
 *     │     └─ DryRunTransaction      the same, with the list of a target, and always rolled back
 *     └─ CommandTransaction           decisions of operators
 *
 * A transaction commits completely or not at all; a planning may end a slice, and a draft then hides what it committed
 * (docs/decisions/0081). Transactions wait for each other, and only readings nest: what `work` gets is valid until
 * `work` ends. The interface is asynchronous and works in batches, so that a database server that several workers share
 * could replace SQLite.
 */
export interface Store extends StateView, ReadingSide {
  /** Locks the state for one pass. @throws OperatorError that names the current holder */
  lock(holder: LockHolder): Promise<StateLock>;
  /**
   * Runs `work`, which reads the sources, after the readings that began before: a connection stages one reading of a
   * source at a time. It begins no transaction.
   */
  sourceLane<T>(work: () => Promise<T>): Promise<T>;
  planning<T>(work: (tx: PlanningTransaction) => Promise<T>): Promise<T>;
  readingAndPlanning<T>(work: (tx: PassTransaction) => Promise<T>): Promise<T>;
  command<T>(work: (tx: CommandTransaction) => Promise<T>): Promise<T>;
  /** A transaction that is always rolled back. */
  dryRun<T>(work: (tx: DryRunTransaction) => Promise<T>): Promise<T>;
  /**
   * The methods that write between requests (`Serving.save`, `save…`, `applyReadBack`, `skipRemaining`, `end`) wait for
   * the end of a transaction.
   */
  readonly journal: ServingJournal;
  target(name: string): Promise<ServingTarget>;
  /** Pages of operations to send to a target, and of results. */
  serving(target: string): Promise<Serving>;
  readonly lanes: LaneStates;
  readonly notices: NoticeView;
  readonly retention: Retention;
  /**
   * Reads logins of users without an account, in a short transaction after those that wait. The next reading that needs
   * the others reads them itself.
   *
   * @returns whether others are left
   */
  keepLogins(rules: Pick<KeyChangeRules, 'rules' | 'tokensOf'>): Promise<boolean>;
  close(): void;
}

export type { RemoteResource, LockHolder, StateLock };
