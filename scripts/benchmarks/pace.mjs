// How near to its limit a first load keeps, and whether any sliding second sees more than the limit.
import { csvSource, openDesk } from './desk.mjs';
import { upTo, writeExport } from './export.mjs';
import { met, ratio } from './table.mjs';

const rates = [50, 200];
const lastsSeconds = 15;
const goal = 0.97;
const withoutGroups = { ...csvSource, groups: undefined };

export async function pace({ program }, print) {
  const rows = [['', 'sustained', 'worst second', `goal: ${goal}, never above 1`]];
  for (const rate of rates) {
    const desk = await openDesk(program, { source: withoutGroups, requestsPerSecond: rate, concurrency: 16 });
    try {
      writeExport(desk.file, 1000, upTo(rate * lastsSeconds));
      const { arrivals } = (await desk.run('sync')).seen;
      const sustained = (arrivals.length - 1) / ((arrivals.at(-1) - arrivals[0]) / 1000) / rate;
      const worst = worstSecond(arrivals) / rate;
      rows.push([`${rate} requests per second`, ratio(sustained), ratio(worst), met(sustained >= goal && worst <= 1)]);
    } finally {
      desk.close();
    }
  }
  print(`pace: as the sink sees it, over ${lastsSeconds} seconds each, in parts of the limit`, rows);
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
