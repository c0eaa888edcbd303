import type { ChangeCount, ChangeKind, Known, Limit, Limits, Verdict, Violation } from '../../model/plan.ts';
import { formatDuration } from '../../model/time.ts';
import { guardRules, type FloorRule, type GuardRule } from './rules.ts';

/** What one round changes at one target, and the limits that apply. */
export interface GuardInput {
  readonly target: string;
  /** What the target held before the round. */
  readonly known: Known;
  /** The changes of the round. */
  readonly changes: readonly ChangeCount[];
  /** The changes of earlier passes within the window that no operator approved. */
  readonly recent: readonly ChangeCount[];
  /** How many ms `recent` reaches back. */
  readonly windowMs: { readonly removals: number; readonly others: number };
  readonly limits: Limits;
  /** The target was never loaded completely. */
  readonly isFirstLoad: boolean;
  /** The command that removes, for the message; by default that of a pass at this target. */
  readonly removalCommand?: string | undefined;
  /** What lets a part of the plan through, for the message; by default the commands of a pass. */
  readonly planCommands?: PlanCommands | undefined;
  /** Earlier rounds of this pass, oldest first. */
  readonly earlier?: readonly JudgedRound[];
  /** The changes of earlier rounds that no operator approved, without those that the round plans again. */
  readonly earlierChanges?: readonly ChangeCount[];
  /** The changes of the round that an operator approved in an earlier round: the target did not take them. */
  readonly approvedChanges?: readonly ChangeCount[];
}

/** The commands of a plan that no pass of its target makes: it is approved by its id, removals included. */
export interface PlanCommands {
  /** Shows the plan and its id. */
  readonly show: string;
  /** Carries it out, with "ID" in place of the id. */
  readonly carryOut: string;
}

/** One round of a pass at one target, with the guard's verdict. */
export interface JudgedRound {
  readonly verdict: Verdict;
}

type HoldVerdict = Extract<Verdict, { kind: 'hold' }>;

interface GuardViolation extends Violation {
  readonly rule: GuardRule;
  /** ", after 3 earlier in this pass and 48 within 24 h", or ''. */
  readonly before: string;
  /** The planned changes of the kind that counts together with this one. */
  readonly plannedTogether: number;
  /** The groups that this round empties or deletes. */
  readonly groupsRemoved: number;
}

/**
 * Whether a plan is plausible. A hold gives its numbers and the command that lets the plan through.
 *
 * The rounds of a pass count as one plan, together with the passes of the window before it: a mistake that arrives in
 * portions is one mistake.
 *
 * Accounts that are missing at the target count as removals: a wrong URL, another tenant or an old backup shows the
 * same as many deletions, and creating the accounts again would fill the wrong place.
 */
export function guard(input: GuardInput): Verdict {
  const violations = guardRules.flatMap((rule) => violationsOf(rule, input));
  return violations.length === 0 ? { kind: 'allow' } : holdOf(violations, input);
}

function holdOf(violations: readonly GuardViolation[], input: GuardInput): HoldVerdict {
  const { target, earlier = [], planCommands, removalCommand = `sync --target ${target}` } = input;
  const own = sum(violations.filter(({ rule }) => rule.isRemoval).map(({ planned }) => planned));
  // The next pass plans the held removals of this pass together with those of this round.
  const removals = own === 0 ? 0 : own + Math.max(0, ...heldVerdicts(earlier).map((held) => held.removals));
  return {
    kind: 'hold',
    parts: [...new Set(violations.map(({ rule }) => rule.part))],
    violations: violations.map(
      ({ rule: _, before: __, plannedTogether: ___, groupsRemoved: ____, ...violation }) => violation,
    ),
    reasons: violations.map((violation) =>
      describeViolation(
        target,
        violation,
        violation.rule.isRemoval && planCommands === undefined
          ? `"scimsync ${removalCommand} --allow-removals ${removals}"`
          : byPlanId(planCommands ?? commandsOfPass(target)),
      ),
    ),
    removals,
    renames: sum(violations.filter(({ kind }) => kind === 'usersRenamed').map(({ planned }) => planned)),
  };
}

const commandsOfPass = (target: string): PlanCommands => ({
  show: `plan --target ${target}`,
  carryOut: `sync --target ${target} --plan ID`,
});

const byPlanId = ({ show, carryOut }: PlanCommands): string =>
  `the plan's id: "scimsync ${show}", then "scimsync ${carryOut}"`;

/** The holds of all rounds of a target in one; null: no round is held. */
export function heldInPass(rounds: readonly JudgedRound[]): HoldVerdict | null {
  const holds = heldVerdicts(rounds);
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

/** Whether `--allow-removals` approves this kind of change. */
export const isRemovalKind = (kind: ChangeKind): boolean =>
  guardRules.some((rule) => rule.kind === kind && rule.isRemoval);

/**
 * The kinds of earlier changes that the limits of these changes also count.
 *
 * @param isFirstLoad changes that are free in a first load have no limit, and may be many
 */
export function kindsToCount(changes: readonly ChangeCount[], isFirstLoad: boolean): ReadonlySet<ChangeKind> {
  const kinds = new Set(changes.map(({ kind }) => kind));
  const rules = guardRules.filter(
    ({ kind, isFreeInFirstLoad }) => kinds.has(kind) && !(isFirstLoad && isFreeInFirstLoad),
  );
  return new Set(rules.flatMap(({ kind, together }) => (together === undefined ? [kind] : [kind, together])));
}

/** The hold of some of the violations. */
export function withViolations(hold: HoldVerdict, isHeld: (violation: Violation) => boolean): Verdict {
  const indices = [...hold.violations.keys()].filter((index) => isHeld(hold.violations[index] as Violation));
  if (indices.length === 0) return { kind: 'allow' };
  const violations = indices.map((index) => hold.violations[index] as Violation);
  const kinds = violations.map(({ kind }) => kind);
  return {
    kind: 'hold',
    parts: [...new Set(guardRules.filter(({ kind }) => kinds.includes(kind)).map(({ part }) => part))],
    violations,
    reasons: indices.map((index) => hold.reasons[index] ?? ''),
    removals: kinds.some(isRemovalKind) ? hold.removals : 0,
    renames: kinds.includes('usersRenamed') ? hold.renames : 0,
  };
}

/** Whether a count exceeds a limit. A share of `known` applies only above the floor; a count applies always. */
export function exceeds(count: number, known: number, limit: Limit): boolean {
  if (limit.kind === 'count') return count > limit.count;
  return count > limit.floor && count > limit.share * known;
}

/** The floor that applies at this target. `people`: its active people. */
export function effectiveFloor(floor: number, rule: FloorRule, known: number, people: number): number {
  switch (rule) {
    case 'half':
      return Math.min(floor, Math.max(1, Math.floor(known / 2)));
    case 'halfOrPair':
      return Math.min(floor, Math.max(2, Math.floor(known / 2)));
    case 'halfOrFive':
      return Math.min(floor, Math.max(5, Math.floor(known / 2)));
    case 'plain':
      return floor;
    case 'onePerPerson':
      return Math.max(floor, people);
    case 'perPersonToFifty':
      return Math.max(floor, Math.min(people, 50));
  }
}

function violationsOf(rule: GuardRule, input: GuardInput): readonly GuardViolation[] {
  const { changes, earlierChanges = [], approvedChanges = [], recent, isFirstLoad, limits, known: allKnown } = input;
  if (rule.isFreeInFirstLoad && isFirstLoad) return [];
  return changes
    .filter(({ kind, count }) => kind === rule.kind && count > 0)
    .flatMap(({ kind, subject, count: planned }) => {
      const countIn = (counts: readonly ChangeCount[]): number => sumOf(counts, rule, subject);
      const earlierCount = countIn(earlierChanges);
      const recentCount = countIn(recent);
      const count = Math.max(0, countIn(changes) - countIn(approvedChanges)) + earlierCount + recentCount;
      const known = rule.known(allKnown, recentCount);
      // Where nothing of the kind existed, this is the first load of it: groups may be configured later.
      if (rule.isFreeInFirstLoad && known === 0) return [];
      // Until the first load has ended, what is known is a part of what the target holds. A rename concerns an account
      // that was adopted, and such accounts are known.
      const floorRule = isFirstLoad && rule.isRemoval && rule.floorRule === 'half' ? 'plain' : rule.floorRule;
      const limit = limitAt(limits.table[rule.limit], floorRule, known, allKnown.activeUsers);
      if (!exceeds(count, known, limit)) return [];
      return {
        ...{ rule, code: rule.code, kind, planned, count, known, limit },
        ...(subject === undefined ? {} : { subject }),
        before: describeBefore(
          earlierCount,
          recentCount,
          rule.isRemoval ? input.windowMs.removals : input.windowMs.others,
        ),
        plannedTogether: countIn(changes) - planned,
        groupsRemoved: sum(changes.filter((one) => one.kind === 'groupsRemoved').map((one) => one.count)),
      };
    });
}

/** The limit of each rule with the floor that applies to a target that holds this, and how many there are to change. */
export function limitsInForce(
  table: Limits['table'],
  held: Known,
): readonly { readonly rule: GuardRule; readonly limit: Limit; readonly known: number }[] {
  return guardRules.map((rule) => {
    const known = rule.known(held, 0);
    return { rule, limit: limitAt(table[rule.limit], rule.floorRule, known, held.activeUsers), known };
  });
}

function limitAt(limit: Limit, rule: FloorRule, known: number, people: number): Limit {
  return limit.kind === 'count' ? limit : { ...limit, floor: effectiveFloor(limit.floor, rule, known, people) };
}

function sumOf(counts: readonly ChangeCount[], { kind, together }: GuardRule, subject: string | undefined): number {
  return sum(
    counts
      .filter((one) => (one.kind === kind || one.kind === together) && one.subject === subject)
      .map(({ count }) => count),
  );
}

/**
 * What is held, how much of it, the limit, and the command that lets it through.
 *
 * @param means what lets it through
 */
function describeViolation(target: string, violation: GuardViolation, means: string): string {
  const { rule, kind, planned, known, limit, subject = '', before, plannedTogether, groupsRemoved } = violation;
  const missing = rule.part === 'recreations';
  const together = plannedTogether === 0 ? '' : togetherText(missing, plannedTogether);
  const limitText = limit === undefined ? '' : `; the limit is ${describeLimit(limit)}`;
  return (
    `${target}: ${rule.clause(planned, known, subject)}${before}${together}${limitText}. ` +
    (kind === 'membershipsRemoved' && groupsRemoved > 0 ? emptiedText(groupsRemoved) : '') +
    (missing ? 'The URL, the tenant or a backup may be wrong: look at the target first. ' : '') +
    `${missing ? 'If the accounts are to be created again' : 'If that is right'}, let it through with ${means}.`
  );
}

/** A department that was merged into another one looks the same as one that was lost: the operator knows. */
const emptiedText = (groups: number): string =>
  `${groups === 1 ? 'A group' : `${groups} groups`} left the source: merged, renamed or lost? `;

const togetherText = (areRemovals: boolean, count: number): string =>
  areRemovals ? `, together with ${count} removals` : `, while ${count} more are missing at the target`;

function describeBefore(earlierCount: number, recentCount: number, windowMs: number): string {
  const before = [
    ...(earlierCount === 0 ? [] : [`${earlierCount} earlier in this pass`]),
    ...(recentCount === 0 ? [] : [`${recentCount} within ${formatDuration(windowMs)}`]),
  ];
  return before.length === 0 ? '' : `, after ${before.join(' and ')}`;
}

/** A limit for the operator: "25", or "5 % above 10" (a share, with its floor). */
export function describeLimit(limit: Limit): string {
  return limit.kind === 'count' ? String(limit.count) : `${percentText(limit.share)} above ${limit.floor}`;
}

/** 0.125 → "12.5 %". */
export const percentText = (share: number): string => `${Math.round(share * 1000) / 10} %`;

const heldVerdicts = (rounds: readonly JudgedRound[]): readonly HoldVerdict[] =>
  rounds.map(({ verdict }) => verdict).filter((verdict) => verdict.kind === 'hold');

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
