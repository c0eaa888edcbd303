import type { GuardCode } from '../model/error-codes.ts';
import type { Approval, HeldPart, Limit, Limits, RecentRemovals, Totals, Verdict, Violation } from '../model/plan.ts';
import { formatDuration } from '../model/time.ts';

/** The removals, recreations and renames of one round at one target, and the limits that apply to them. */
export interface GuardInput {
  readonly target: string;
  readonly totals: Totals;
  readonly limits: Limits;
  readonly approval: Approval;
  /** Removals by earlier passes; undefined: each pass is judged alone. */
  readonly recent?: RecentRemovals | undefined;
  /** Earlier rounds of this pass, oldest first. */
  readonly earlier?: readonly JudgedRound[];
}

/** One round of a pass at one target, with the guard's verdict. */
export interface JudgedRound {
  readonly totals: Totals;
  readonly verdict: Verdict;
}

type HoldVerdict = Extract<Verdict, { kind: 'hold' }>;

interface GuardViolation extends Violation {
  readonly part: HeldPart;
  readonly reason: string;
}

type GuardRule = (input: GuardInput) => GuardViolation | undefined;

const guardRules: readonly GuardRule[] = [
  removalRule('users', 'guard.userRemovals', 'people', 'deactivate or delete'),
  removalRule('groups', 'guard.groupRemovals', 'groups', 'delete'),
  removalRule('memberships', 'guard.membershipRemovals', 'memberships', 'end'),
  recreationRule('users', 'people'),
  recreationRule('groups', 'groups'),
  renameRule,
];

/**
 * Whether a plan is plausible. A hold gives its numbers and the command that lets the plan through.
 *
 * The rounds of a pass count as one plan: removals and renames of earlier rounds are added to those of this round, and
 * an approval covers them together. An approval by plan id covers round 0 alone, which is the plan that the operator
 * saw.
 *
 * Accounts that are missing at the target count as removals: a wrong URL, another tenant or an old backup shows the
 * same as many deletions, and creating the accounts again would fill the wrong place.
 */
export function guard(input: GuardInput): Verdict {
  const { totals, approval, earlier = [] } = input;
  if (approval.plan === true && earlier.length === 0) return { kind: 'allow' };
  const violations = guardRules.map((rule) => rule(input)).filter((violation) => violation !== undefined);
  if (violations.length === 0) return { kind: 'allow' };
  return {
    kind: 'hold',
    parts: [...new Set(violations.map(({ part }) => part))],
    violations: violations.map(({ code, count, known }) => ({ code, count, known })),
    reasons: violations.map(({ reason }) => reason),
    removals: removalsToApprove(totals, earlier),
    renames: totals.renames,
  };
}

/** The holds of all rounds of a target in one; null: no round is held. */
export function heldInPass(rounds: readonly JudgedRound[]): HoldVerdict | null {
  const holds = rounds.map(({ verdict }) => verdict).filter((verdict) => verdict.kind === 'hold');
  if (holds.length === 0) return null;
  return {
    kind: 'hold',
    parts: [...new Set(holds.flatMap(({ parts }) => parts))],
    violations: holds.flatMap(({ violations }) => violations),
    reasons: holds.flatMap(({ reasons }) => reasons),
    removals: Math.max(...holds.map(({ removals }) => removals)),
    renames: sum(holds.map(({ renames }) => renames)),
  };
}

/**
 * The number that `--allow-removals` is compared with, recreations included. A membership that ends because its user or
 * group is removed does not count.
 */
export function totalRemovals({ removals, recreations }: Totals): number {
  return removals.users + removals.groups + removals.memberships + recreations.users + recreations.groups;
}

/** Whether a count exceeds a limit. A share of `known` applies only above the floor; a count applies always. */
export function exceeds(count: number, known: number, limit: Limit, floor: number): boolean {
  if (limit.kind === 'count') return count > limit.count;
  return count > floor && count > limit.share * known;
}

/** The next pass plans the held removals of this pass together with those of this round. */
function removalsToApprove(totals: Totals, earlier: readonly JudgedRound[]): number {
  const heldRounds = earlier.filter(
    ({ verdict }) =>
      verdict.kind === 'hold' && (verdict.parts.includes('removals') || verdict.parts.includes('recreations')),
  );
  return totalRemovals(totals) + sum(heldRounds.map((round) => totalRemovals(round.totals)));
}

type Counted = Pick<Totals, 'removals' | 'recreations'>;

/** Removals and recreations of one kind: they count together. */
const removedOrMissing = ({ removals, recreations }: Counted, kind: keyof Totals['removals']): number =>
  removals[kind] + (kind === 'memberships' ? 0 : recreations[kind]);

/** How far the removals and recreations of one kind exceed the limit; undefined: they do not. */
function excessOf(
  { totals, limits, approval, recent, earlier = [] }: GuardInput,
  kind: keyof Totals['removals'],
): { readonly count: number; readonly known: number; readonly before: string; readonly toApprove: number } | undefined {
  const known = totals.known[kind];
  const removalsOfPass = totalRemovals(totals) + sum(earlier.map((round) => totalRemovals(round.totals)));
  if ((approval.removals ?? -1) >= removalsOfPass) return undefined;
  const earlierCount = sum(earlier.map((round) => removedOrMissing(round.totals, kind)));
  const recentCount = recent === undefined ? 0 : removedOrMissing(recent, kind);
  const count = removedOrMissing(totals, kind) + earlierCount + recentCount;
  if (!exceeds(count, known, limits.maxRemovals, limits.floor)) return undefined;
  const before = describeBefore(earlierCount, recentCount, recent);
  return { count, known, before, toApprove: removalsToApprove(totals, earlier) };
}

function removalRule(removed: keyof Totals['removals'], code: GuardCode, noun: string, verb: string): GuardRule {
  return (input) => {
    const { target, totals, limits } = input;
    const ownCount = totals.removals[removed];
    const excess = ownCount === 0 ? undefined : excessOf(input, removed);
    if (excess === undefined) return undefined;
    const { count, known, before, toApprove } = excess;
    const missing = removedOrMissing(totals, removed) - ownCount;
    return {
      code,
      count,
      known,
      part: 'removals',
      reason:
        `${target}: would ${verb} ${ownCount} of ${known} ${noun}${before}` +
        `${missing === 0 ? '' : `, while ${missing} more are missing at the target`}; ` +
        `the limit is ${describeLimit(limits.maxRemovals, limits.floor)}. ` +
        'If that is right, let it through with ' +
        `"scimsync sync --target ${target} --allow-removals ${toApprove}".`,
    };
  };
}

function recreationRule(kind: keyof Totals['recreations'], noun: string): GuardRule {
  return (input) => {
    const { target, totals, limits } = input;
    const ownCount = totals.recreations[kind];
    const excess = ownCount === 0 ? undefined : excessOf(input, kind);
    if (excess === undefined) return undefined;
    const { count, known, before, toApprove } = excess;
    const removals = totals.removals[kind];
    return {
      code: 'guard.recreations',
      count,
      known,
      part: 'recreations',
      reason:
        `${target}: ${ownCount} of ${known} ${noun} are missing at the target and would be created again${before}` +
        `${removals === 0 ? '' : `, together with ${removals} removals`}; ` +
        `the limit is ${describeLimit(limits.maxRemovals, limits.floor)}. ` +
        'The URL, the tenant or a backup may be wrong: look at the target first. ' +
        'If the accounts are to be created again, let it through with ' +
        `"scimsync sync --target ${target} --allow-removals ${toApprove}".`,
    };
  };
}

function describeBefore(earlierCount: number, recentCount: number, recent: RecentRemovals | undefined): string {
  const before = [
    ...(earlierCount === 0 ? [] : [`${earlierCount} earlier in this pass`]),
    ...(recentCount === 0 || recent === undefined ? [] : [`${recentCount} within ${formatDuration(recent.withinMs)}`]),
  ];
  return before.length === 0 ? '' : `, after ${before.join(' and ')}`;
}

function renameRule({ target, totals, limits, earlier = [] }: GuardInput): GuardViolation | undefined {
  const earlierCount = sum(earlier.map((round) => round.totals.renames));
  const { users } = totals.known;
  if (totals.renames === 0 || !exceeds(totals.renames + earlierCount, users, limits.maxRenames, limits.floor))
    return undefined;
  return {
    code: 'guard.renames',
    count: totals.renames + earlierCount,
    known: users,
    part: 'renames',
    reason:
      `${target}: would change userName or e-mail of ${totals.renames} of ${users} people` +
      `${describeBefore(earlierCount, 0, undefined)}; ` +
      `the limit is ${describeLimit(limits.maxRenames, limits.floor)}. ` +
      "If that is right, let it through with the plan's id: " +
      `"scimsync plan --target ${target}", then "scimsync sync --target ${target} --plan ID".`,
  };
}

/** A limit for the operator: "25", or "10 % above 5" (a share, with its floor). */
export function describeLimit(limit: Limit, floor: number): string {
  if (limit.kind === 'count') return String(limit.count);
  return `${Math.round(limit.share * 1000) / 10} % above ${floor}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
