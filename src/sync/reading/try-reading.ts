import type { Judgement } from '../../model/reading/judgement.ts';
import type { KeyChanges } from '../../store/store.ts';
import type { PassOptions, PlanDeps } from '../context.ts';
import type { JoinedSourceReport } from '../joins/joined-source-report.ts';
import { sharedNamesInMirror, type SharedNames } from '../names/shared-names.ts';
import { commitReadings, holdEvents } from './commit-readings.ts';
import { mappingsOf, stageSources } from './stage-sources.ts';

/** What a pass would make of the current source. */
export interface TriedReading {
  readonly judgements: readonly Judgement[];
  readonly keyChanges: KeyChanges;
  readonly joinedSources: readonly JoinedSourceReport[];
  /** Users who would get one userName at a target whose rules depend on groups or on joined sources. */
  readonly sharedNames: SharedNames;
}

/**
 * Reads the source as a complete pass does, compares it with the last accepted reading, and rolls everything back.
 *
 * @throws IncompleteReading if a pass would refuse the reading
 */
export async function tryReading(deps: PlanDeps, options: PassOptions, stop: AbortSignal): Promise<TriedReading> {
  return deps.store.dryRun(async (store) => {
    const events = holdEvents(deps.emit);
    const inside = { ...deps, store, emit: events.emit };
    const staged = await stageSources(inside, { ...options, notDue: undefined }, stop);
    try {
      const { reading, joinedSources } = await commitReadings(store, events, (tx) => staged.commit(tx));
      const keyChanges = store.keyChanges.pending();
      if (reading.kind === 'empty')
        return { judgements: [], keyChanges, joinedSources: [], sharedNames: { total: 0, first: [] } };
      const sharedNames = await sharedNamesInMirror(store, mappingsOf(staged.prepared));
      return { judgements: reading.judgements, keyChanges, joinedSources, sharedNames };
    } finally {
      await staged.close();
    }
  });
}
