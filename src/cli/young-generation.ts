import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes that V8 commits for new objects. Smaller promotes requests in flight to the old generation too early. */
const youngGenerationBytes = 16 * 1024 * 1024;

/** How far the old generation may grow before the next full collection, in percent of what survived the last one. */
const oldGenerationGrowthPercent = 100;

/**
 * Limits how much garbage V8 lets accumulate: with its defaults, a pass takes twice the memory. Call it before the
 * program is loaded. See docs/decisions/0025-limit-the-young-generation.md for the measurements.
 *
 * A running process cannot set the size of the young generation, only the factor by which it grows at a collection.
 * So each collection sets the factor: 2 below the limit, 1 (no growth) at the limit. V8 shrinks an idle heap, which
 * allows growth again. The factor begins at 2: loading the program allocates much, and is one turn of the event loop,
 * in which no collection can set it.
 */
export function limitYoungGeneration(): void {
  setFlagsFromString(`--heap-growing-percent=${oldGenerationGrowthPercent}`);
  setFlagsFromString('--semi-space-growth-factor=2');
  let canGrow = true;
  new PerformanceObserver(() => {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    const isBelowLimit = (space?.space_size ?? 0) < youngGenerationBytes;
    if (canGrow === isBelowLimit) return;
    canGrow = isBelowLimit;
    setFlagsFromString(`--semi-space-growth-factor=${canGrow ? 2 : 1}`);
  }).observe({ entryTypes: ['gc'] });
}
