import type { Instant, SourceKey } from '../../model/ids.ts';
import type { Known, Verdict, Violation } from '../../model/plan.ts';
import { dayMs, formatTime } from '../../model/time.ts';

/** A clock that differs from what the earlier passes of a target show. */
export interface ClockDoubt {
  /** `ahead`: it may have jumped forward. `back`: it was ahead before, and dates were judged by it. */
  readonly kind: 'ahead' | 'back';
  /** The moment that is not in doubt. */
  readonly certain: Instant;
  /** The moment by which the dates of this pass are judged. */
  readonly judged: Instant;
}

/** The moments of one planning. */
export interface PlanningTime {
  /** When the earlier passes of the target began, the last one first. */
  readonly passes: readonly Instant[];
  readonly clock: Instant;
  /** The moment by which dates are judged: never earlier than in the last pass. */
  readonly judged: Instant;
}

/** How many earlier passes show how often a target is planned. */
export const recentPasses = 10;

/**
 * Whether the clock may be wrong by more than a day.
 *
 *     passes    ├──gap──┼────gap────┼──gap──┤ last      longest gap + 1 day │ ahead
 *
 * One gap shows no interval: with fewer than two, the longest gap counts as 0.
 */
export function clockDoubt({ passes, clock, judged }: PlanningTime): ClockDoubt | undefined {
  if (judged - clock > dayMs) return { kind: 'back', certain: clock, judged };
  const [last] = passes;
  if (last === undefined) return undefined;
  const gaps = passes.slice(1).map((earlier, index) => (passes[index] ?? earlier) - earlier);
  const longest = gaps.length < 2 ? 0 : Math.max(...gaps);
  return judged - last > longest + dayMs ? { kind: 'ahead', certain: last, judged } : undefined;
}

/** Deletions that are due by time only, in a pass whose clock is in doubt. */
export interface DeletionsInDoubt {
  readonly doubt: ClockDoubt;
  readonly users: ReadonlySet<SourceKey>;
}

/** The verdict with these deletions held. If the guard holds all removals, it holds these, too. */
export function withDeletionsInDoubt(
  verdict: Verdict,
  { doubt, users }: DeletionsInDoubt,
  { target, known }: { readonly target: string; readonly known: Known },
): Verdict {
  const held = verdict.kind === 'hold' ? verdict : undefined;
  if (users.size === 0 || held?.violations.some(({ kind }) => kind === 'usersRemoved') === true) return verdict;
  const violation: Violation = {
    ...{ code: 'guard.clockJump', kind: 'usersRemoved', planned: users.size, count: users.size, known: known.users },
    limit: undefined,
  };
  const removals = (held?.removals ?? 0) + users.size;
  return {
    kind: 'hold',
    parts: [...new Set(['removals' as const, ...(held?.parts ?? [])])],
    violations: [...(held?.violations ?? []), violation],
    reasons: [...(held?.reasons ?? []), reasonOf(target, users.size, doubt, removals)],
    removals,
    renames: held?.renames ?? 0,
  };
}

function reasonOf(target: string, count: number, { kind, certain, judged }: ClockDoubt, removals: number): string {
  const doubt =
    kind === 'ahead'
      ? `the last pass was at ${formatTime(certain)}, and the clock is at ${formatTime(judged)} now: ` +
        'it may have jumped. If the clock is right, the next pass deletes them'
      : `the clock is at ${formatTime(certain)}, and an earlier pass was at ${formatTime(judged)}. ` +
        'They are deleted when the clock reaches their dates';
  return (
    `${target}: would delete ${count} ${count === 1 ? 'user' : 'users'} only because time has passed; ${doubt}. ` +
    `To delete them now, let it through with "scimsync sync --target ${target} --allow-removals ${removals}".`
  );
}
