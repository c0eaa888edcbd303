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

/** What the clock showed in the passes before a planning. */
export interface ClockHistory {
  /** When the earlier passes of the target began, the last one first. */
  readonly passes: readonly Instant[];
  /** The longest time without a pass of any target, between the last planning of this target and now. */
  readonly pause?: { readonly from: Instant; readonly until: Instant } | undefined;
}

/** How many earlier passes show how often a target is planned. */
export const recentPasses = 10;

/** A gap of more days shows no interval, unless there are two: schedules are monthly at most. */
const longestIntervalMs = 35 * dayMs;

/**
 * The passes without those that a later pass contradicts: it began before them.
 *
 *     began on day   0   1   2   63   64   4   5      63 and 64: the clock was ahead
 */
function consistentPasses(passes: readonly Instant[]): readonly Instant[] {
  let latest = Infinity;
  return passes.filter((at) => {
    if (at > latest) return false;
    latest = at;
    return true;
  });
}

/** The longest gap that shows how often the target is planned; undefined: there is none. In ms. */
function interval(passes: readonly Instant[]): number | undefined {
  const gaps = passes.slice(1).map((earlier, index) => (passes[index] ?? earlier) - earlier);
  const isOutage = gaps.filter((gap) => gap > longestIntervalMs).length === 1;
  const counted = isOutage ? gaps.filter((gap) => gap <= longestIntervalMs) : gaps;
  return counted.length === 0 ? undefined : Math.max(...counted);
}

/**
 * Whether the clock may be wrong by more than a day.
 *
 *     passes    ├──gap──┼────gap────┼──gap──┤ last      longest gap + 1 day │ ahead
 *
 * Passes of other targets, and passes for some users, show that the time went on in between.
 *
 * @param judged the moment by which dates are judged
 */
export function clockDoubt(
  { passes, pause }: ClockHistory,
  { clock, judged }: { readonly clock: Instant; readonly judged: Instant },
): ClockDoubt | undefined {
  if (judged - clock > dayMs) return { kind: 'back', certain: clock, judged };
  const consistent = consistentPasses(passes);
  const [last] = consistent;
  if (last === undefined) return undefined;
  const { from, until } = pause ?? { from: last, until: judged };
  return until - from > (interval(consistent.slice(0, recentPasses)) ?? 0) + dayMs
    ? { kind: 'ahead', certain: from, judged }
    : undefined;
}

/**
 * Whether a clock that is behind the last passes was set right again: they came after a jump, and the clock continues
 * the passes before it.
 *
 *     0   1   2 ─────jump─────▶ 63   64
 *             └▶ 4: set right       20: wrong, or both are
 *
 * Where no earlier passes show an interval, only a jump of more than 35 days is one.
 */
export function isSetRight(passes: readonly Instant[], clock: Instant): boolean {
  const index = passes.findIndex((at) => at <= clock);
  const [last, firstAhead, lastAhead] = [passes[index], passes[index - 1], passes[0]];
  if (last === undefined || firstAhead === undefined || lastAhead === undefined) return false;
  const usual = interval(consistentPasses(passes.slice(index)).slice(0, recentPasses));
  const isJump = firstAhead - last > (usual ?? longestIntervalMs) + dayMs;
  return isJump && clock - last <= (usual ?? 0) + dayMs + Math.max(lastAhead - firstAhead, 0);
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
