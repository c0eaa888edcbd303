import type { GuardCode } from '../model/error-codes.ts';
import type { Approval, HeldPart, Limit, Limits, RecentRemovals, Totals, Verdict, Violation } from '../model/plan.ts';
import { formatDuration } from '../model/time.ts';

export interface GuardInput {
  readonly target: string;
  readonly totals: Totals;
  readonly limits: Limits;
  readonly approval: Approval;
  readonly recent?: RecentRemovals | undefined;
}

interface GuardViolation extends Violation {
  readonly part: HeldPart;
  readonly reason: string;
}

type GuardRule = (input: GuardInput) => GuardViolation | undefined;

const guardRules: readonly GuardRule[] = [
  removalRule('users', 'guard.userRemovals', 'people', 'deactivate or delete'),
  removalRule('groups', 'guard.groupRemovals', 'groups', 'delete'),
  removalRule('memberships', 'guard.membershipRemovals', 'memberships', 'end'),
  renameRule,
];

/** Whether a plan is believable. Everything that is held, is held with its numbers and the command that lets it through. */
export function guard(input: GuardInput): Verdict {
  if (input.approval.plan === true) return { kind: 'allow' };
  const violations = guardRules.map((rule) => rule(input)).filter((violation) => violation !== undefined);
  if (violations.length === 0) return { kind: 'allow' };
  return {
    kind: 'hold',
    parts: [...new Set(violations.map(({ part }) => part))],
    violations: violations.map(({ code, count, known }) => ({ code, count, known })),
    reasons: violations.map(({ reason }) => reason),
    removals: totalRemovals(input.totals),
    renames: input.totals.renames,
  };
}

/** What `--allow-removals` counts. A membership that ends because its person or group goes is not counted again. */
export function totalRemovals({ removals }: Totals): number {
  return removals.users + removals.groups + removals.memberships;
}

/** A share bites only above the floor; a count bites at once. */
export function exceeds(count: number, known: number, limit: Limit, floor: number): boolean {
  if (limit.kind === 'count') return count > limit.count;
  return count > floor && count > limit.share * known;
}

function removalRule(removed: keyof Totals['removals'], code: GuardCode, noun: string, verb: string): GuardRule {
  return ({ target, totals, limits, approval, recent }) => {
    const count = totals.removals[removed];
    const known = totals.known[removed];
    if (count === 0 || (approval.removals ?? -1) >= totalRemovals(totals)) return undefined;
    const recentCount = recent?.removals[removed] ?? 0;
    if (!exceeds(count + recentCount, known, limits.maxRemovals, limits.floor)) return undefined;
    return {
      code,
      count: count + recentCount,
      known,
      part: 'removals',
      reason:
        `${target}: would ${verb} ${count} of ${known} ${noun}${describeRecent(recentCount, recent)}; the limit is ${describeLimit(limits.maxRemovals, limits.floor)}. ` +
        `If that is right, let it through with "scimsync sync --target ${target} --allow-removals ${totalRemovals(totals)}".`,
    };
  };
}

function describeRecent(recentCount: number, recent: RecentRemovals | undefined): string {
  return recentCount === 0 || recent === undefined
    ? ''
    : `, after ${recentCount} within ${formatDuration(recent.withinMs)}`;
}

function renameRule({ target, totals, limits }: GuardInput): GuardViolation | undefined {
  if (totals.renames === 0 || !exceeds(totals.renames, totals.known.users, limits.maxRenames, limits.floor))
    return undefined;
  return {
    code: 'guard.renames',
    count: totals.renames,
    known: totals.known.users,
    part: 'renames',
    reason:
      `${target}: would change userName or e-mail of ${totals.renames} of ${totals.known.users} people; ` +
      `the limit is ${describeLimit(limits.maxRenames, limits.floor)}. If that is right, let it through with the plan's id: ` +
      `"scimsync plan --target ${target}", then "scimsync sync --target ${target} --plan ID".`,
  };
}

export function describeLimit(limit: Limit, floor: number): string {
  if (limit.kind === 'count') return String(limit.count);
  return `${Math.round(limit.share * 1000) / 10} % above ${floor}`;
}
