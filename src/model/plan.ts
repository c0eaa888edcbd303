import type { GuardCode } from './error-codes.ts';

/** How much of each action a plan or a pass holds. Users and groups both count; memberships are counted in members. */
export interface Counts {
  create: number;
  update: number;
  deactivate: number;
  reactivate: number;
  delete: number;
  addMembers: number;
  removeMembers: number;
}

export const zeroCounts = (): Counts => ({
  create: 0,
  update: 0,
  deactivate: 0,
  reactivate: 0,
  delete: 0,
  addMembers: 0,
  removeMembers: 0,
});

/** What a target is known to hold, and what a plan would take away or rename there: all that the guard looks at. */
export interface Totals {
  readonly known: { readonly users: number; readonly groups: number; readonly memberships: number };
  readonly removals: {
    /** Deactivations and deletions of people. */
    readonly users: number;
    readonly groups: number;
    /** Memberships that end although neither the person nor the group goes. */
    readonly memberships: number;
  };
  /** Accounts whose userName or e-mail would change. */
  readonly renames: number;
}

/** Removals that passes shortly before made: where passes come one after the other, they are judged together. */
export interface RecentRemovals {
  readonly withinMs: number;
  readonly removals: Totals['removals'];
}

export type Limit =
  { readonly kind: 'count'; readonly count: number } | { readonly kind: 'share'; readonly share: number };

export interface Limits {
  readonly maxRemovals: Limit;
  readonly maxRenames: Limit;
  /** Up to this many, a share never bites: 1 of 3 people is 33 %, and an ordinary Monday. */
  readonly floor: number;
}

/** What the operator has let through for this one pass. */
export interface Approval {
  /** Removals allowed by number (`--allow-removals`). */
  readonly removals?: number;
  /** The whole plan was approved by its id (`--plan`). */
  readonly plan?: boolean;
}

export type HeldPart = 'removals' | 'renames';

/** One limit of the guard that a plan exceeds. */
export interface Violation {
  readonly code: GuardCode;
  /** How many of `known` the plan concerns. */
  readonly count: number;
  readonly known: number;
}

export interface Hold {
  readonly parts: readonly HeldPart[];
  readonly violations: readonly Violation[];
  /** One sentence for each violation, in the same order: what, how much, what to do. */
  readonly reasons: readonly string[];
  /** What `--allow-removals` must be given to let the removals through. */
  readonly removals: number;
  readonly renames: number;
}

export type Verdict = { readonly kind: 'allow' } | ({ readonly kind: 'hold' } & Hold);

/** What carrying out a plan costs at its target. */
export interface Cost {
  readonly requests: number;
  /** At that target's limit, nothing going wrong. */
  readonly milliseconds: number;
}

/** A plan for one target: the header; its operations are rows of the journal, not an array. */
export interface TargetPlan {
  readonly target: string;
  readonly counts: Counts;
  readonly totals: Totals;
  readonly verdict: Verdict;
  readonly cost: Cost;
  /** Records that this target would not take. */
  readonly problems: number;
}

export function totalCount(counts: Counts): number {
  return Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);
}
