import type { Orphans } from '../snapshot/orphans-interface.ts';
import type { UniqueValues } from '../unique-values/unique-values-interface.ts';
import type { TargetUserGroups } from '../user-groups/user-groups-interface.ts';
import type { CommandJournal, CommandTarget } from './command-transaction.ts';
import type { PlanningJournal, PlanningTarget } from './planning-transaction.ts';
import type { ReadingJournal } from './reading-transaction.ts';
import type { ServingJournal, ServingTarget } from './serving.ts';

/** The journal with all its sides, for the code that implements them. */
export interface Journal extends ServingJournal, PlanningJournal, ReadingJournal, CommandJournal {}

/** One target with all its sides, for the code that implements them. */
export interface TargetStore extends ServingTarget, PlanningTarget, CommandTarget {
  readonly orphans: Orphans;
  readonly userGroups: TargetUserGroups;
  readonly uniqueValues: UniqueValues;
}
