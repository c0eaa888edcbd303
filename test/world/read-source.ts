import type { SourceSpec } from '../../src/sync/context.ts';
import type { OpenSource, UsedAttributes } from '../../src/source/source.ts';
import { commitReadings, holdEvents } from '../../src/sync/reading/commit-readings.ts';
import type { Store } from '../../src/store/store.ts';
import type { ReadDeps, ReadingOptions, ReadingResult } from '../../src/sync/reading/reading-context.ts';
import { stageReading } from '../../src/sync/reading/stage-reading.ts';

/** Reads an open source into its mirror, as a pass does. */
export async function readSource(
  deps: Omit<ReadDeps, 'store'> & { readonly store: Store },
  spec: SourceSpec,
  open: OpenSource,
  uses: UsedAttributes,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<ReadingResult> {
  const events = holdEvents(deps.emit);
  const staged = await stageReading({ ...deps, emit: events.emit }, spec, open, uses, options, signal);
  try {
    return await commitReadings(deps.store, events, (tx) => staged.commit(tx));
  } finally {
    await staged.discard();
  }
}
