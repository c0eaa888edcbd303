import type { Approval, HeldPart, Limit, Limits, Recent, Totals, Verdict } from '../model/plan.ts';
import { duration } from '../model/time.ts';

export interface Judged {
  readonly target: string;
  readonly totals: Totals;
  readonly limits: Limits;
  readonly approval: Approval;
  readonly recent?: Recent | undefined;
}

interface Finding {
  readonly part: HeldPart;
  readonly reason: string;
}

type Rule = (judged: Judged) => Finding | undefined;

const rules: readonly Rule[] = [
  removalsOf('users', 'people', 'deactivate or delete'),
  removalsOf('groups', 'groups', 'delete'),
  removalsOf('memberships', 'memberships', 'end'),
  renames,
];

/** Whether a plan is believable. Everything that is held, is held with its numbers and the command that lets it through. */
export function guard(judged: Judged): Verdict {
  if (judged.approval.plan === true) return { kind: 'allow' };
  const findings = rules.map((rule) => rule(judged)).filter((finding) => finding !== undefined);
  if (findings.length === 0) return { kind: 'allow' };
  return {
    kind: 'hold',
    parts: [...new Set(findings.map(({ part }) => part))],
    reasons: findings.map(({ reason }) => reason),
    removals: allRemovals(judged.totals),
    renames: judged.totals.renames,
  };
}

/** What `--allow-removals` counts. A membership that ends because its person or group goes is not counted again. */
export function allRemovals({ removals }: Totals): number {
  return removals.users + removals.groups + removals.memberships;
}

/** A share bites only above the floor; a count bites at once. */
export function exceeds(count: number, known: number, limit: Limit, floor: number): boolean {
  if (limit.kind === 'count') return count > limit.count;
  return count > floor && count > limit.share * known;
}

function removalsOf(what: keyof Totals['removals'], words: string, verb: string): Rule {
  return ({ target, totals, limits, approval, recent }) => {
    const count = totals.removals[what];
    const known = totals.known[what];
    if (count === 0 || (approval.removals ?? -1) >= allRemovals(totals)) return undefined;
    const before = recent?.removals[what] ?? 0;
    if (!exceeds(count + before, known, limits.maxRemovals, limits.floor)) return undefined;
    return {
      part: 'removals',
      reason:
        `${target}: would ${verb} ${count} of ${known} ${words}${afterwards(before, recent)}; the limit is ${describeLimit(limits.maxRemovals, limits.floor)}. ` +
        `If that is right, let it through with "scimsync sync --target ${target} --allow-removals ${allRemovals(totals)}".`,
    };
  };
}

function afterwards(before: number, recent: Recent | undefined): string {
  return before === 0 || recent === undefined ? '' : `, after ${before} within ${duration(recent.withinMs)}`;
}

function renames({ target, totals, limits }: Judged): Finding | undefined {
  if (totals.renames === 0 || !exceeds(totals.renames, totals.known.users, limits.maxRenames, limits.floor))
    return undefined;
  return {
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
