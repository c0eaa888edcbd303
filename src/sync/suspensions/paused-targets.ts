import type { Instant } from '../../model/ids.ts';
import { dayMs } from '../../model/time.ts';
import { boundarySpans } from '../../plan/access-phase.ts';
import { effectiveLeaverPolicy } from '../../plan/leavers.ts';
import type { DueTimes, Pause, Store } from '../../store/store.ts';
import type { PlanDeps, TargetSpec } from '../context.ts';
import { timingOf } from '../evaluate-record.ts';

/** A target that an operator set aside, and what waits there. */
export interface PausedTarget extends Pause {
  /** The number of users and groups that changed, or are due by a date, since the target was last planned. */
  readonly pending: number;
}

/** A target with its pause. */
type PausedSpec = readonly [spec: TargetSpec, pause: Pause];

/** Separates the targets of a pass from those that an operator set aside. */
export function splitPaused(
  { suspensions }: Pick<Store, 'suspensions'>,
  selected: readonly TargetSpec[],
): { readonly active: readonly TargetSpec[]; readonly pauses: readonly PausedSpec[] } {
  const pauses = new Map(suspensions.pauses().map((pause) => [pause.target, pause]));
  return {
    active: selected.filter(({ name }) => !pauses.has(name)),
    pauses: selected.flatMap((spec): readonly PausedSpec[] => {
      const pause = pauses.get(spec.name);
      return pause === undefined ? [] : [[spec, pause]];
    }),
  };
}

/** What waits at targets that are set aside. A change counts also where the rules of the target do not use it. */
export async function pausedTargets(
  { store, clock }: Pick<PlanDeps, 'store' | 'clock'>,
  pauses: readonly PausedSpec[],
): Promise<readonly PausedTarget[]> {
  const now = clock.now();
  return Promise.all(
    pauses.map(async ([spec, pause]) => {
      const { plannedAt } = await (await store.target(spec.name)).state();
      return { ...pause, pending: await store.suspensions.countPending(spec.name, dueTimes(spec, plannedAt, now)) };
    }),
  );
}

function dueTimes(spec: TargetSpec, plannedAt: Instant | undefined, now: Instant): DueTimes {
  const { deleteAfterDays } = effectiveLeaverPolicy(spec.leavers, spec.profile.protocol.deletion);
  return {
    boundaries: boundarySpans(timingOf(spec), plannedAt, now),
    inactiveBefore: deleteAfterDays === undefined ? undefined : ((now - deleteAfterDays * dayMs) as Instant),
  };
}
