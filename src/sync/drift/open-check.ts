import { OperatorError } from '../../model/errors.ts';
import { defaultDriftSettings } from '../../model/target/drift.ts';
import type { Store } from '../../store/store.ts';
import type { SyncDeps, TargetSpec } from '../context.ts';
import { diffOptionsOf } from '../evaluate-record.ts';
import { applyKnowledge } from '../execution/target-knowledge.ts';
import { noFindings, type DriftCheck } from './drift-check.ts';

/** What a check needs of the world. */
export interface CheckDeps extends Pick<SyncDeps, 'connect' | 'clock'> {
  readonly store: Store;
}

/** How a check works. */
export interface CheckOptions extends Pick<DriftCheck, 'isRepairing' | 'isInterrupted' | 'budget'> {
  /** Called when the target asks for a pause, with the time at which it ends. */
  readonly onPause?: Parameters<SyncDeps['connect']>[2];
}

/** A whole check by a command: nothing interrupts it. */
export const wholeCheck = (isRepairing: boolean): CheckOptions => ({
  ...{ isRepairing, isInterrupted: () => false, budget: Number.POSITIVE_INFINITY },
});

/**
 * Connects to a target and compares it with the snapshot. What earlier passes learned about the target counts; the
 * check itself adds nothing to it.
 *
 * @throws OperatorError if there is no reading of the source yet
 */
export async function withCheck<T>(
  { store: stores, connect, clock }: CheckDeps,
  spec: TargetSpec,
  { onPause, ...options }: CheckOptions,
  stop: AbortSignal,
  work: (check: DriftCheck) => Promise<T>,
): Promise<T> {
  const reading = await stores.mirror.last();
  if (reading === undefined)
    throw new OperatorError(
      'state.missing',
      'no reading of the source is known yet; run a pass first: "scimsync sync"',
    );
  const mapping = spec.compileMapping(reading.columns);
  const store = await stores.target(spec.name);
  const serving = await stores.serving(spec.name);
  const target = connect(spec, store.requestCounts, onPause);
  const closeOnStop = (): void => target.close();
  stop.addEventListener('abort', closeOnStop, { once: true });
  try {
    await applyKnowledge({ clock }, store, target, { spec, pass: 0, isFull: false }, stop);
    const { paths, supports } = diffOptionsOf(spec, mapping);
    const position = await store.drift.position();
    return await work({
      ...{ spec, mapping, store, serving, target, clock, stop, ...options },
      settings: spec.drift ?? defaultDriftSettings,
      rules: { paths, supports, showsInactive: spec.profile.protocol.inactiveUsers === 'readable' },
      frozen: new Set(stores.suspensions.freezes().map(({ key }) => key)),
      findings: noFindings(position?.shownPaths ?? []),
    });
  } finally {
    stop.removeEventListener('abort', closeOnStop);
    target.close();
  }
}
