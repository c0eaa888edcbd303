// How closely a first load approaches its rate limit, and whether a sliding second exceeds the limit.
import { csvSource, openFixture } from './fixture.mjs';
import { range, writeExport } from './export.mjs';
import { met, ratio } from './report.mjs';

const rates = [50, 200];
const durationSeconds = 15;
const goal = 0.97;
const withoutGroups = { ...csvSource, groups: undefined };

export async function rateLimit({ program }, print) {
  const rows = [['', 'sustained', 'worst second', `goal: ${goal}, never above 1`]];
  for (const rate of rates) {
    const fixture = await openFixture(program, { source: withoutGroups, requestsPerSecond: rate, concurrency: 16 });
    try {
      writeExport(fixture.file, 1000, range(rate * durationSeconds));
      const { arrivals } = (await fixture.run('sync')).sinkStats;
      const sustained = (arrivals.length - 1) / ((arrivals.at(-1) - arrivals[0]) / 1000) / rate;
      const worst = worstSecond(arrivals) / rate;
      rows.push([`${rate} requests per second`, ratio(sustained), ratio(worst), met(sustained >= goal && worst <= 1)]);
    } finally {
      fixture.close();
    }
  }
  print(`rate-limit: as the sink sees it, over ${durationSeconds} seconds each, in parts of the limit`, rows);
}

function worstSecond(arrivals) {
  let worst = 0;
  let from = 0;
  for (const [index, at] of arrivals.entries()) {
    while (at - arrivals[from] >= 1000) from += 1;
    worst = Math.max(worst, index - from + 1);
  }
  return worst;
}
