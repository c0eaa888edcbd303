import { instant, type Instant } from '../../model/ids.ts';
import { defaultDriftSettings } from '../../model/target/drift.ts';
import { afterSlice, pauseMs, planSlice } from '../../plan/drift/check-times.ts';
import type { DriftRecord } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import type { Lane } from '../lanes/lanes.ts';
import { checkRecords } from './check-records.ts';
import { checkTarget } from './check-target.ts';
import { requestsOf } from './drift-check.ts';
import { openDrift } from './drift-report.ts';
import { withCheck, type CheckDeps } from './open-check.ts';

/** What a slice of a check did. */
export interface SliceResult {
  /** When the next one comes. */
  readonly next: Instant;
  /** The snapshot took over what the policy repairs: a pass is to plan it. */
  readonly needsPass: boolean;
  /** What this slice found first. */
  readonly found: readonly DriftRecord[];
  readonly requests: number;
}

/**
 * Continues the check of one target within its budget, while the lane has no other work. What the policy repairs is
 * planned by the next pass of the lane, through the guard.
 */
export async function runSlice(
  deps: CheckDeps,
  spec: TargetSpec,
  lane: Pick<Lane, 'news' | 'end' | 'waitUntil'>,
  stop: AbortSignal,
): Promise<SliceResult> {
  const { clock, store: stores } = deps;
  const settings = spec.drift ?? defaultDriftSettings;
  const startedAt = clock.now();
  const isPaused = stores.suspensions.pauses().some(({ target }) => target === spec.name);
  const store = await stores.target(spec.name);
  const { drift } = store;
  // Whether a repair has taken effect is read first, so that it is not reported any longer than necessary.
  const repaired = [...openDrift({ store }, undefined)].filter(
    (one) => one.repairAt !== undefined && one.held === undefined && drift.isComparable(one),
  );
  const { budget, from, next } = planSlice(settings, await drift.position(), repaired.length > 0, startedAt);
  const nothing = { next, needsPass: false, found: [], requests: 0 };
  if (isPaused || budget < 1) return nothing;
  const isInterrupted = (): boolean => lane.news.pending || lane.end?.aborted === true;
  const onPause = (until: Instant): void => lane.waitUntil?.(until);
  return withCheck(deps, spec, { isRepairing: true, isInterrupted, budget, onPause }, stop, async (check) => {
    await checkRecords(check, repaired.slice(0, budget));
    const position = await checkTarget(check, from);
    const requests = requestsOf(check);
    await drift.savePosition(afterSlice(settings, position, requests, startedAt));
    return {
      next: instant(clock.now() + pauseMs(settings)),
      needsPass: check.findings.taken.length > 0,
      found: [...openDrift(check, undefined)].filter(({ foundAt }) => foundAt >= startedAt),
      requests,
    };
  });
}
