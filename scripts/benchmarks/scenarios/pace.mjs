// How closely a first load approaches its rate limit, and whether a sliding second exceeds the limit.
import { csvSource, openFixture } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';

const rates = [50, 200];
const durationSeconds = 15;
const withoutGroups = { ...csvSource, groups: undefined };

export const pace = {
  about: `a first load at its rate limit, over ${durationSeconds} s each, as the sink sees it`,
  sizes: {},
  async run({ program }, results) {
    for (const rate of rates) {
      const fixture = await openFixture(program, { source: withoutGroups, requestsPerSecond: rate, concurrency: 16 });
      try {
        writeExport(fixture.file, 1000, range(rate * durationSeconds));
        const { arrivals } = (await fixture.run('sync')).sinkStats;
        const sustained = (arrivals.length - 1) / ((arrivals.at(-1) - arrivals[0]) / 1000);
        results.figure(`${rate} per second: sustained`, sustained / rate, '× limit', { least: 0.97 });
        results.figure(`${rate} per second: worst sliding second`, worstSecond(arrivals) / rate, '× limit', {
          most: 1,
        });
      } finally {
        fixture.close();
      }
    }
  },
};

/** The most arrivals within one second. */
export function worstSecond(arrivals) {
  let worst = 0;
  let from = 0;
  for (const [index, at] of arrivals.entries()) {
    while (at - arrivals[from] >= 1000) from += 1;
    worst = Math.max(worst, index - from + 1);
  }
  return worst;
}
