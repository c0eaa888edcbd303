import { commitReadings, holdEvents } from '../../src/sync/reading/commit-readings.ts';
import { stageSource } from '../../src/sync/reading/stage-source.ts';
import { unionOfUses } from '../../src/sync/reading/stage-sources.ts';
import type { Interpretation } from '../../src/sync/reading/unchanged-reading.ts';
import type { Columns } from '../../src/source/source.ts';
import type { SyncDeps } from '../../src/sync/context.ts';
import type { Lanes } from '../../src/sync/lanes/lanes.ts';
import type { InMemoryTarget } from '../world/in-memory-target.ts';
import type { Company } from './company.ts';

/** A company that the source holds from the moment at which the target receives its request with this number. */
export type NewsItem = readonly [request: number, company: Company];

/** Reads the source into the mirror, as a daemon does while targets execute. */
export async function readNews(io: SyncDeps): Promise<void> {
  const { store, source, targets } = io;
  const events = holdEvents(io.emit);
  const interpret = (columns: Columns): Interpretation<undefined> => {
    const mappings = targets.map((spec) => spec.compileMapping(columns));
    return { mappings, uses: unionOfUses(mappings, []), prepared: undefined };
  };
  const staged = await stageSource(
    { ...io, emit: events.emit, hasRefusal: async () => false },
    { spec: source, targets, options: { acceptSource: false, full: false }, interpret },
    new AbortController().signal,
  );
  try {
    await commitReadings(store, events, (tx) => staged.commit(tx));
  } finally {
    await staged.close();
  }
}

/** News that arrives while the target answers requests. Requests are counted from 0 on. */
export function newsDuring(
  io: SyncDeps,
  target: InMemoryTarget,
  become: (company: Company) => void,
  items: readonly NewsItem[],
): Lanes {
  const remaining = [...items].sort(([one], [other]) => one - other);
  const perform = target.perform.bind(target);
  let requests = 0;
  let isPending = false;
  target.perform = async (context) => {
    for (let next = remaining[0]; next !== undefined && next[0] <= requests; next = remaining[0]) {
      remaining.shift();
      become(next[1]);
      await readNews(io);
      isPending = true;
    }
    requests += 1;
    return perform(context);
  };
  const news = {
    get pending() {
      return isPending;
    },
    take() {
      isPending = false;
    },
  };
  return { enter: () => ({ news, leave: async () => undefined }) };
}
