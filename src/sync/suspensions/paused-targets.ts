import type { Pause, StateView } from '../../store/store.ts';
import type { ReadingDeps, TargetSpec } from '../context.ts';
import { dueTimes } from '../planning-scope.ts';

/** A target that an operator set aside, and what waits there. */
export interface PausedTarget extends Pause {
  /** The number of users and groups that changed, or are due by a date, since the target was last planned. */
  readonly pending: number;
}

/** A target with its pause. */
type PausedSpec = readonly [spec: TargetSpec, pause: Pause];

/** Separates the targets of a pass from those that an operator set aside. */
export function splitPaused(
  { suspensions }: Pick<StateView, 'suspensions'>,
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
  { store, clock }: Pick<ReadingDeps, 'store' | 'clock'>,
  pauses: readonly PausedSpec[],
): Promise<readonly PausedTarget[]> {
  const now = clock.now();
  return Promise.all(
    pauses.map(async ([spec, pause]) => {
      const state = await (await store.target(spec.name)).state();
      return { ...pause, pending: await store.suspensions.countPending(spec.name, dueTimes(spec, state, now)) };
    }),
  );
}
