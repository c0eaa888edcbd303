// A daemon that listens to an export that does not change.
import { setTimeout as sleep } from 'node:timers/promises';
import { csvSource, openFixture } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';
import { clockMs } from '../clock.mjs';

const startsWithinMs = 10_000;
const observedMs = 20_000;

export const idle = {
  about: `a daemon without changes, CSV, live, observed for ${observedMs / 1000} s`,
  sizes: { people: [100_000], targets: [1] },
  async run({ people, targets, program }, results) {
    const fixture = await openFixture(program, { targets, source: { ...csvSource, changes: 'live' } });
    try {
      writeExport(fixture.file, people, range(people));
      await fixture.run('sync');
      const daemon = fixture.startDaemon();
      await sleep(startsWithinMs);
      const from = clockMs();
      const cpuBefore = daemon.samples.cpuAt(from);
      await sleep(observedMs);
      const share = (daemon.samples.cpuAt(clockMs()) - cpuBefore) / (clockMs() - from);
      const rssMb = daemon.samples.rssMb();
      const { peakMb } = await daemon.stop();
      results.figure('memory', rssMb, 'MB', { most: 120 });
      results.figure('peak memory since the start', peakMb, 'MB');
      results.figure('share of a core', share * 100, '%', { most: 1 });
    } finally {
      fixture.close();
    }
  },
};
