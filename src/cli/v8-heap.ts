import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** For what was made a moment ago. Less makes it old before its time, and the old is expensive to collect; V8 itself would take 64. In MB. */
const newSpaceMb = 8;
/** How much may be made old before the old is collected, in percent of what survived the last time. */
const heapGrowingPercent = 50;

/**
 * Keeps the heap near to what is in use: a pass makes much garbage and keeps little, and V8 left to itself lets the heap grow to
 * several times what is alive. To be called before the program is loaded.
 *
 * The size of new space cannot be set while the process runs, but whether it may double can: it is told after every collection.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  setFlagsFromString('--semi-space-growth-factor=1');
  let canGrow = false;
  new PerformanceObserver(() => {
    const size = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
    if (canGrow === size < newSpaceMb * 1024 * 1024) return;
    canGrow = !canGrow;
    setFlagsFromString(`--semi-space-growth-factor=${canGrow ? 2 : 1}`);
  }).observe({ entryTypes: ['gc'] });
}
