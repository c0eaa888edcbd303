// A leaver at healthy targets while others accept requests and never answer. The floor is the same without those.
import { setTimeout as sleep } from 'node:timers/promises';
import { csvSource, openFixture, targetName, withoutManagers } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';
import { closingOf, replaceExport, reportLatencies } from '../latency.mjs';
import { median } from '../statistics.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';

const leavers = 20;
const listensAfterMs = 2000;

export const leaverHanging = {
  about: 'leavers at the healthy targets while others hang, CSV, live; the slowest healthy target counts',
  sizes: { people: [5000], targets: [10] },
  async run({ people, targets, program }, results) {
    const fixture = await openFixture(program, {
      targets,
      source: { ...csvSource, changes: 'live' },
      mapping: withoutManagers,
      target: { guard: unlimitedGuard },
    });
    const names = range(targets).map(targetName);
    const here = new Set(range(people));
    let next = people;
    try {
      writeExport(fixture.file, people, here);
      await fixture.run('sync');
      const daemon = fixture.startDaemon();
      const leave = async (healthy) => {
        next -= 1;
        here.delete(next);
        const at = replaceExport(fixture.file, people, here);
        const ends = await Promise.all(
          healthy.map((name) => closingOf(fixture, daemon, `person.${next}@corp.example`, name)),
        );
        return Math.max(...ends) - at;
      };
      const measure = async (hanging) => {
        await fixture.control('hang', { targets: hanging });
        const healthy = names.filter((name) => !hanging.includes(name));
        const latencies = [];
        for (let leaver = 0; leaver < leavers; leaver += 1) latencies.push(await leave(healthy));
        return latencies;
      };
      // The first pass of the daemon finds this one; it listens for changes after that.
      await leave(names);
      await sleep(listensAfterMs);
      const alone = await measure([]);
      const one = await measure(names.slice(-1));
      const most = await measure(names.slice(1));
      await daemon.stop();
      reportLatencies(results, 'no target hangs', alone);
      reportLatencies(results, 'one target hangs', one, { most: 600 });
      reportLatencies(results, `${targets - 1} targets hang`, most, { most: 600 });
      results.figure('one hangs ÷ no target hangs', median(one) / median(alone), '×');
    } finally {
      fixture.close();
    }
  },
};
