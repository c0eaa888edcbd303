// A leaver in OpenLDAP while the daemon listens: from the directory's confirmation to the response of the target.
import { setTimeout as sleep } from 'node:timers/promises';
import { dnOf, hasSlapd, openDirectoryFixture, startDirectory } from '../directory.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';
import { clockMs } from '../clock.mjs';
import { closingOf, reportLatencies } from '../latency.mjs';

const leavers = 50;
const listensAfterMs = 2000;

export const leaverLdap = {
  about: `${leavers} leavers at an idle target, live; from the directory's answer to that of the target`,
  sizes: { people: [20_000] },
  missing: () => (hasSlapd() ? undefined : 'slapd, ldap-utils and openssl'),
  async run({ people, program }, results) {
    const slapd = await startDirectory(people);
    const fixture = await openDirectoryFixture(program, slapd, ['sync'], {
      source: { changes: 'live' },
      target: { guard: unlimitedGuard },
    });
    const latencies = [];
    try {
      await fixture.run('sync');
      const daemon = fixture.startDaemon();
      const leave = async (person) => {
        await slapd.change(`dn: ${dnOf(person)}\nchangetype: delete\n`);
        const at = clockMs();
        return (await closingOf(fixture, daemon, `u${person}`, 't0')) - at;
      };
      // The first pass of the daemon finds this one; it listens for changes after that.
      await leave(people - 1);
      await sleep(listensAfterMs);
      const cpuBefore = daemon.samples.cpuAt(clockMs());
      for (let number = 0; number < leavers; number += 1) latencies.push(await leave(people - 2 - number));
      // On a busy machine, most of a latency is waiting for a core.
      const cpuMs = (daemon.samples.cpuAt(clockMs()) - cpuBefore) / leavers;
      results.figure('CPU of the daemon per leaver', cpuMs, 'ms');
      await daemon.stop();
    } finally {
      fixture.close();
      await slapd[Symbol.asyncDispose]();
    }
    reportLatencies(results, 'a leaver', latencies, { most: 500 });
  },
};
