import type { Judgement } from '../../model/reading/judgement.ts';
import type { KeyChanges } from '../../store/store.ts';
import type { PassOptions, PlanDeps } from '../context.ts';
import type { JoinedSourceReport } from '../joins/joined-source-report.ts';
import { tryRulesInMirror, type TriedRules } from '../trial/try-rules.ts';
import { commitReadings, holdEvents } from './commit-readings.ts';
import { stageSources } from './stage-sources.ts';

/** What a pass would make of the current source. */
export interface TriedReading {
  readonly judgements: readonly Judgement[];
  readonly keyChanges: KeyChanges;
  readonly joinedSources: readonly JoinedSourceReport[];
  /** At the targets whose rules depend on groups or on joined sources. */
  readonly rules: TriedRules;
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
      if (reading.kind === 'empty') return { judgements: [], keyChanges, joinedSources: [], rules: untried };
      const targets = [...staged.prepared].map(([name, { mapping }]) => ({ name, mapping }));
      const rules = await tryRulesInMirror(store, targets);
      return { judgements: reading.judgements, keyChanges, joinedSources, rules };
    } finally {
      await staged.close();
    }
  });
}

/** Of a source without users. */
const untried: TriedRules = { sharedNames: { total: 0, first: [] }, rejected: [] };
