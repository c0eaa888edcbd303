import type { PlanningJournal, PlanningTarget, PlanningTransaction } from './planning-transaction.ts';
import type { ReadingJournal, ReadingTransaction } from './reading-transaction.ts';
import type { ComparedTarget } from './serving.ts';

/** Reads the sources and plans targets, all in one transaction: a plan that is carried out only as it was shown. */
export interface PassTransaction extends ReadingTransaction, PlanningTransaction {
  readonly mirror: ReadingTransaction['mirror'];
  readonly keyChanges: ReadingTransaction['keyChanges'];
  readonly suspensions: ReadingTransaction['suspensions'];
  readonly targets: ReadingTransaction['targets'];
  readonly journal: ReadingJournal & PlanningJournal;
  target(name: string): Promise<PlanningTarget>;
}

/** The same in a dry run, which may also compare the plan with the list of a target. */
export interface DryRunTransaction extends PassTransaction {
  target(name: string): Promise<PlanningTarget & ComparedTarget>;
}
