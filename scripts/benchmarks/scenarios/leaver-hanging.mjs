// A leaver at healthy targets while others accept requests and never answer. The floor is the same without those.
import { setTimeout as sleep } from 'node:timers/promises';
import { csvSource, openFixture, targetName, withoutManagers } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';
import { clockMs } from '../clock.mjs';
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
        const cpuBefore = daemon.samples.cpuAt(clockMs());
        const latencies = [];
        for (let leaver = 0; leaver < leavers; leaver += 1) latencies.push(await leave(healthy));
        return { latencies, cpuMs: (daemon.samples.cpuAt(clockMs()) - cpuBefore) / leavers };
      };
      // The first pass of the daemon finds this one; it listens for changes after that.
      await leave(names);
      await sleep(listensAfterMs);
      const alone = await measure([]);
      const one = await measure(names.slice(-1));
      const most = await measure(names.slice(1));
      await daemon.stop();
      const phases = { 'no target hangs': alone, 'one target hangs': one, [`${targets - 1} targets hang`]: most };
      for (const [name, { latencies, cpuMs }] of Object.entries(phases)) {
        reportLatencies(results, name, latencies, { most: 600 });
        // On a busy machine, most of a latency is waiting for a core.
        results.figure(`${name}: CPU of the daemon per leaver`, cpuMs, 'ms');
      }
      results.figure('one hangs ÷ no target hangs', median(one.latencies) / median(alone.latencies), '×');
    } finally {
      fixture.close();
    }
  },
};
