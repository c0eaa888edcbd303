import type { GuardCode } from './error-codes.ts';
import type { SourceKey } from './ids.ts';
import type { Operation } from './operation.ts';
import type { ResourceType } from './resource-type.ts';

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

/** What a target holds by its snapshot, before the plan is executed. */
export interface Known {
  /** Accounts of users, active or not. */
  readonly users: number;
  readonly activeUsers: number;
  readonly groups: number;
  readonly memberships: number;
}

/** Kinds of change that the guard limits. `plan/guard/rules.ts` defines what each one counts. */
export type ChangeKind =
  | 'usersRemoved'
  | 'usersMissing'
  | 'groupsRemoved'
  | 'groupsMissing'
  | 'membershipsRemoved'
  | 'usersCreated'
  | 'usersReactivated'
  | 'usersRenamed'
  | 'attributeChanged'
  | 'membershipsAdded'
  | 'newGroupMemberships'
  | 'groupsRenamed';

/** How often a kind of change occurs at one target. */
export interface ChangeCount {
  readonly kind: ChangeKind;
  /** The attribute path of `attributeChanged`. */
  readonly subject?: string;
  readonly count: number;
}

/** The names of the limits in the configuration of a target, under `guard`. */
export const limitNames = [
  'maxRemovals',
  'maxGroupRemovals',
  'maxMembershipRemovals',
  'maxCreates',
  'maxReactivations',
  'maxRenames',
  'maxAttributeChanges',
  'maxMembershipAdditions',
  'maxGroupRenames',
] as const;

/** Name of one limit of the guard. */
export type LimitName = (typeof limitNames)[number];

/** Limit of the guard: a number, or a share (0 to 1) of what the target holds that applies above its floor. */
export type Limit =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'share'; readonly share: number; readonly floor: number };

/** Limits above which a plan needs an approval. */
export interface Limits {
  readonly table: Readonly<Record<LimitName, Limit>>;
  /** Changes of the last `windowMs` count together with those of the plan; 0: each pass is judged alone. */
  readonly windowMs: number;
}

/** What an operator approved for one pass on the command line. */
export interface Approval {
  /** Removals allowed by number, over all targets of the pass (`--allow-removals`). */
  readonly removals?: number;
  /** The plan that was approved by its id (`--plan`). */
  readonly plan?: string;
  /** Why (`--reason`). */
  readonly reason?: string;
}

/** The part of a plan that is not sent without an approval. */
export type HeldPart =
  'removals' | 'recreations' | 'creates' | 'reactivations' | 'renames' | 'attributes' | 'memberships' | 'groupRenames';

/** One limit of the guard that a plan exceeds. */
export interface Violation {
  readonly code: GuardCode;
  readonly kind: ChangeKind;
  /** The attribute path of `attributeChanged`. */
  readonly subject?: string;
  /** The changes that are held. */
  readonly planned: number;
  /** How many of `known` changed, in the plan and before it within the window. */
  readonly count: number;
  readonly known: number;
  /** Undefined where no limit applies: a reading without users is always held. */
  readonly limit: Limit | undefined;
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
  readonly known: Known;
  /** What this round changes, as the guard counts it. */
  readonly changes: readonly ChangeCount[];
  /** The earlier rounds of the pass that have fewer operations, because this round is news. */
  readonly superseded?: readonly number[];
  /** News superseded creates of users who have lost access: the target may have accounts of them. */
  readonly hasNewUnknownLeavers?: boolean;
  readonly verdict: Verdict;
  /** Number of users to create, if this is the first load of the target or continues it. */
  readonly firstLoad: number | undefined;
  readonly cost: Cost;
  /** Number of records that this target cannot accept. */
  readonly problems: number;
  /** Users who should have no access here are still to be compared with the target's list. */
  readonly hasUnmatchedLeavers: boolean;
  /** Number of failing records and memberships whose next try is in a later pass. */
  readonly waiting: number;
  readonly waitingForNames: WaitingNames;
  readonly frozen: HeldByFreeze;
}

/** What is not sent because users are frozen. */
export interface HeldByFreeze {
  /** Number of operations on users and groups, and of memberships. */
  readonly total: number;
  /** The first of them; memberships by group. */
  readonly operations: readonly Operation[];
}

/** A record that waits for a userName until another account gives it up. */
export interface WaitingName {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly name: string;
  /** What it waits for: "waits for the removal of key 4711". */
  readonly reason: string;
}

/** The records that wait for a name: the first ones, and their number. */
export interface WaitingNames {
  readonly total: number;
  readonly first: readonly WaitingName[];
}

/** The number of operations of all kinds. */
export function totalCount(counts: Counts): number {
  return Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);
}

/** What a round plans for memberships of groups that left the source, and of groups that it creates. */
export interface GroupTurnover {
  /** Number of memberships that end with each group that left, of people who stay. */
  readonly endings: ReadonlyMap<SourceKey, number>;
  /** Number of members that each new group gets. */
  readonly additions: ReadonlyMap<SourceKey, number>;
  /** Number of people who leave the one group with it and join the other one. */
  readonly moves: readonly GroupMove[];
}

/** What happened to groups within the window of the guard, in other passes. */
export interface GroupTurnoverBefore {
  /** Groups that were created: the target did not hold them when the window began. */
  readonly created: number;
  /** Memberships of groups that left, which new groups replaced. */
  readonly replaced: number;
}

/** People who leave a group that left the source, and join a new one. */
export interface GroupMove {
  readonly from: SourceKey;
  readonly to: SourceKey;
  readonly count: number;
}
