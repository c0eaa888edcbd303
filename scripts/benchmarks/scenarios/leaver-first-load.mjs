// A leaver in an export while a first load runs at its rate limit: from the new file to the response of the target.
import { setTimeout as sleep } from 'node:timers/promises';
import { numberOf, range } from '../export.mjs';
import { requestsPerSecond, startFirstLoad } from '../first-load.mjs';
import { closingOf, replaceExport, reportLatencies } from '../latency.mjs';
import { usedBytes } from '../state.mjs';

const leavers = 20;

export const leaverFirstLoad = {
  about: `leavers during a first load at ${requestsPerSecond} requests/s, CSV, live; from the new file to the response`,
  sizes: { people: [100_000] },
  async run({ people, program }, results) {
    const createdBefore = leavers + requestsPerSecond;
    const { fixture, daemon } = await startFirstLoad(program, { people, createdBefore });
    try {
      const here = new Set(range(people));
      const latencies = [];
      const before = usedBytes(fixture.state);
      for (const userName of (await fixture.control('userNames', { target: 't0' })).slice(0, leavers)) {
        here.delete(numberOf(userName));
        const at = replaceExport(fixture.file, people, here);
        latencies.push((await closingOf(fixture, daemon, userName, 't0')) - at);
        // The next change is news of its own.
        await sleep(200);
      }
      const grown = usedBytes(fixture.state) - before;
      const { cpuMs, peakMb } = await daemon.stop();
      reportLatencies(results, 'a leaver', latencies, { most: 1000 });
      results.figure('state that a change adds', grown / 1e6 / leavers, 'MB');
      results.figure('CPU of the daemon', cpuMs / 1000, 's');
      results.figure('peak memory', peakMb, 'MB', { most: 220 });
    } finally {
      fixture.close();
    }
  },
};
