// A leaver at a healthy target while another target plans, and then executes, a first load at its rate limit.
import { setTimeout as sleep } from 'node:timers/promises';
import { csvSource, openFixture, targetName, withoutManagers } from '../fixture.mjs';
import { employee, range, writeExport } from '../export.mjs';
import { closingOf, replaceExport, reportLatencies } from '../latency.mjs';
import { quantile } from '../statistics.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';

const requestsPerSecond = 50;
const leavers = 20;
/** The healthy target has this number of accounts; the other one gets one for each user. */
const healthyUsers = 100;
const listensAfterMs = 2000;

export const leaverOtherFirstLoad = {
  about: `leavers at a healthy target while another plans a first load, ${requestsPerSecond} requests/s, CSV, live`,
  sizes: { people: [2000, 20_000, 100_000] },
  async run({ people, program }, results) {
    const [healthy, loading] = [targetName(0), targetName(1)];
    const ofHealthy = { users: `user.employee_number < '${employee(healthyUsers)}'`, groups: `group.name == ''` };
    const fixture = await openFixture(program, {
      targets: 2,
      source: { ...csvSource, changes: 'live' },
      mapping: withoutManagers,
      requestsPerSecond,
      target: (number) => ({
        guard: unlimitedGuard,
        ...(number === 0 ? { scope: ofHealthy } : {}),
      }),
    });
    try {
      writeExport(fixture.file, people, range(people));
      // The healthy target is loaded, and the other one is set aside until the daemon listens.
      await fixture.run('sync', '--target', healthy);
      await fixture.run('pause', loading, '--reason', 'benchmark');
      const daemon = fixture.startDaemon();
      await sleep(listensAfterMs);
      const here = new Set(range(people));
      const leave = async (number) => {
        here.delete(number);
        const at = replaceExport(fixture.file, people, here);
        return (await closingOf(fixture, daemon, `person.${number}@corp.example`, healthy)) - at;
      };
      // The first pass of the daemon finds this one.
      await leave(0);
      const latencies = { alone: [], planning: [], executing: [] };
      for (let number = 1; number <= leavers; number += 1) latencies.alone.push(await leave(number));
      await fixture.run('resume', loading);
      for (let number = leavers + 1; number <= 3 * leavers; number += 1) {
        const { 'POST /Users': created = 0 } = await fixture.control('counts');
        latencies[created === 0 ? 'planning' : 'executing'].push(await leave(number));
      }
      const { cpuMs, peakMb } = await daemon.stop();
      reportLatencies(results, 'no other target is planned', latencies.alone, { most: 600 });
      for (const [name, values] of [
        ['the other is planned', latencies.planning],
        ['the other is executed', latencies.executing],
      ])
        if (values.length > 0) reportLatencies(results, `${name} (${values.length} leavers)`, values, { most: 600 });
      results.figure('the other is busy ÷ no other, median', median(latencies), '×');
      results.figure('CPU of the daemon', cpuMs / 1000, 's');
      results.figure('peak memory', peakMb, 'MB', { most: 220 });
    } finally {
      fixture.close();
    }
  },
};

const median = ({ alone, planning, executing }) => quantile([...planning, ...executing], 0.5) / quantile(alone, 0.5);
