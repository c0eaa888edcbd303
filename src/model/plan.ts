import type { GuardCode } from './error-codes.ts';

/** Number of operations per action in a plan or a pass. Users and groups both count; memberships count in members. */
export interface Counts {
  create: number;
  update: number;
  deactivate: number;
  reactivate: number;
  delete: number;
  addMembers: number;
  removeMembers: number;
}

/** The counts of an empty plan. */
export const zeroCounts = (): Counts => ({
  create: 0,
  update: 0,
  deactivate: 0,
  reactivate: 0,
  delete: 0,
  addMembers: 0,
  removeMembers: 0,
});

/** The input of the guard: the totals of a target's snapshot, and the removals, recreations and renames of a plan. */
export interface Totals {
  readonly known: { readonly users: number; readonly groups: number; readonly memberships: number };
  readonly removals: {
    /** Deactivations and deletions of users. */
    readonly users: number;
    readonly groups: number;
    /** Memberships that end although both the user and the group remain. */
    readonly memberships: number;
  };
  readonly recreations: Recreations;
  /** Accounts whose userName or e-mail would change. */
  readonly renames: number;
}

/** Accounts and groups that are missing at the target and would be created again. */
export interface Recreations {
  readonly users: number;
  readonly groups: number;
}

/** Removals and recreations of recent passes; the guard adds them to those of the plan. */
export interface RecentRemovals {
  readonly withinMs: number;
  readonly removals: Totals['removals'];
  readonly recreations: Recreations;
}

/** Limit of the guard: a number, or a share (0 to 1) of what the snapshot has. */
export type Limit =
  { readonly kind: 'count'; readonly count: number } | { readonly kind: 'share'; readonly share: number };

/** Limits above which a plan needs an approval. */
export interface Limits {
  readonly maxRemovals: Limit;
  readonly maxRenames: Limit;
  /** Up to this number, a share never holds: one leaver in a company of three is 33 %. */
  readonly floor: number;
}

/** What the operator approved for this pass. */
export interface Approval {
  /** Removals allowed by number (`--allow-removals`). */
  readonly removals?: number;
  /** The whole plan was approved by its id (`--plan`). */
  readonly plan?: boolean;
}

/** The part of a plan that is not sent without an approval. */
export type HeldPart = 'removals' | 'recreations' | 'renames';

/** One limit of the guard that a plan exceeds. */
export interface Violation {
  readonly code: GuardCode;
  /** How many of `known` the plan concerns. */
  readonly count: number;
  readonly known: number;
}

/** Why the guard holds parts of a plan, and what approves them. */
export interface Hold {
  readonly parts: readonly HeldPart[];
  readonly violations: readonly Violation[];
  /** One sentence for each violation, in the same order: what, how much, what to do. */
  readonly reasons: readonly string[];
  /** The number that `--allow-removals` needs to approve the removals. */
  readonly removals: number;
  readonly renames: number;
}

/** The decision of the guard about a plan. */
export type Verdict = { readonly kind: 'allow' } | ({ readonly kind: 'hold' } & Hold);

/** The cost of executing a plan at its target. */
export interface Cost {
  readonly requests: number;
  /** At the target's rate limit, without retries. */
  readonly milliseconds: number;
}

/** A plan for one target: the header; its operations are rows of the journal, not an array. */
export interface TargetPlan {
  readonly target: string;
  readonly counts: Counts;
  readonly totals: Totals;
  readonly verdict: Verdict;
  readonly cost: Cost;
  /** Number of records that this target cannot accept. */
  readonly problems: number;
  /** Users who should have no access here are still to be compared with the target's list. */
  readonly hasUnmatchedLeavers: boolean;
  /** Number of failing records and memberships whose next try is in a later pass. */
  readonly waiting: number;
}

/** The number of operations of all kinds. */
export function totalCount(counts: Counts): number {
  return Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);
}
