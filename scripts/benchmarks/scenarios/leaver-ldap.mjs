// A leaver in OpenLDAP while the daemon listens: from the directory's confirmation to the response of the target.
import { dnOf, hasSlapd, openDirectoryFixture, startDirectory } from '../directory.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';
import { clockMs } from '../clock.mjs';
import { closingOf, reportLatencies } from '../latency.mjs';

const leavers = 50;

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
      await daemon.until('listens', () => daemon.output.stderr.includes('listening for changes'));
      for (let number = 0; number < Math.min(leavers, people / 10); number += 1) {
        const person = people - 1 - number;
        await slapd.change(`dn: ${dnOf(person)}\nchangetype: delete\n`);
        const at = clockMs();
        latencies.push((await closingOf(fixture, daemon, `u${person}`, 't0')) - at);
      }
      await daemon.stop();
    } finally {
      fixture.close();
      await slapd[Symbol.asyncDispose]();
    }
    reportLatencies(results, 'a leaver', latencies, { most: 500 });
  },
};
