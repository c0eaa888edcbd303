import { zeroCounts, type Counts, type Hold, type TargetPlan, type WaitingNames } from '../model/plan.ts';
import { heldInPass } from '../plan/guard/guard.ts';
import type { Target } from '../scim/target.ts';
import type { OrphanCounts } from '../store/store.ts';
import type { ExecutionRound, SyncDeps } from './context.ts';
import type { OutcomeCounts } from './execution/record.ts';
import { holdId } from './guard/plan-id.ts';

/** The result of a pass at one target, all rounds together. */
export interface TargetReport {
  readonly target: string;
  readonly counts: Counts;
  readonly held: Hold | null;
  /** The id by which `approve` lets through what is held; undefined: nothing is held that an approval covers. */
  readonly hold: string | undefined;
  /** Number of users to create, if the pass began or continued the first load of the target. */
  readonly firstLoad: number | undefined;
  readonly succeeded: number;
  readonly failed: number;
  readonly heldOperations: number;
  readonly skipped: number;
  /** Closings of users that no answer and no read has shown so far, failed ones among them. */
  readonly unconfirmed: number;
  readonly requests: number;
  readonly retries: number;
  /** Requests that read writes back; `requests` does not count them. */
  readonly verifications: number;
  /** Changes that were not sent because their users are frozen. */
  readonly frozen: number;
  /** Why the pass stopped sending before the last operation; undefined: the pass sent all of them. */
  readonly unavailable: string | undefined;
  /** Records that do not fit the target. */
  readonly problems: number;
  /** Failing records and memberships whose next try is in a later pass. */
  readonly waiting: number;
  /** Users and groups that need the name of an account that keeps it for now. */
  readonly waitingForNames: WaitingNames;
  /** Accounts that no record of the source owns, as the last listing showed them. */
  readonly unmanaged: OrphanCounts;
}

/** The id of what the plans hold; undefined: nothing is held. */
export const holdIn = async (
  { store }: SyncDeps,
  { pass, spec }: Pick<ExecutionRound, 'pass' | 'spec'>,
  plans: readonly TargetPlan[],
): Promise<string | undefined> => (heldInPass(plans) === null ? undefined : holdId(store.journal, pass, spec.name));

/** Sums up the rounds of a pass at one target. */
export function reportOf(
  plans: readonly TargetPlan[],
  { succeeded, failed, skipped, unconfirmed, held: heldOperations }: OutcomeCounts,
  { requests, retries, verifications }: Target['counters'],
  rest: Pick<TargetReport, 'hold' | 'unavailable' | 'unmanaged' | 'waitingForNames'>,
): TargetReport {
  return {
    target: plans[0]?.target ?? '',
    counts: plans.map(({ counts }) => counts).reduce(addCounts, zeroCounts()),
    held: heldInPass(plans),
    firstLoad: plans[0]?.firstLoad,
    succeeded,
    failed,
    heldOperations,
    skipped,
    unconfirmed,
    requests,
    retries,
    verifications,
    frozen: Math.max(...plans.map(({ frozen }) => frozen.total)),
    problems: Math.max(...plans.map(({ problems }) => problems)),
    waiting: Math.max(...plans.map(({ waiting }) => waiting)),
    ...rest,
  };
}

function addCounts(counts: Counts, more: Counts): Counts {
  const actions = Object.keys(counts) as (keyof Counts)[];
  return actions.reduce((total, action) => ({ ...total, [action]: counts[action] + more[action] }), zeroCounts());
}
