// A leaver during a first load: the removal overtakes creates that wait, and the pace keeps its limit.
import { csvSource, openFixture, withoutManagers } from '../fixture.mjs';
import { numberOf, range, writeExport } from '../export.mjs';
import { closingOf, replaceExport } from '../latency.mjs';
import { worstSecond } from '../scenarios/pace.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';

const people = 3000;
const requestsPerSecond = 50;
const createdBefore = 100;

export async function leaverOvertakes(program, checks) {
  const fixture = await openFixture(program, {
    source: { ...csvSource, changes: 'live' },
    mapping: withoutManagers,
    requestsPerSecond,
    target: { guard: unlimitedGuard },
  });
  try {
    writeExport(fixture.file, people, range(people));
    const daemon = fixture.startDaemon();
    const created = async () => (await fixture.control('counts'))['POST /Users'] ?? 0;
    await daemon.until('some accounts exist', async () => (await created()) >= createdBefore);
    const [userName] = await fixture.control('userNames', { target: 't0' });
    replaceExport(
      fixture.file,
      people,
      range(people).filter((n) => n !== numberOf(userName)),
    );
    await closingOf(fixture, daemon, userName, 't0');
    checks.most('leaver during a first load: creates before it', await created(), people / 2);
    const { arrivals } = await fixture.control('stats');
    checks.most('pace: worst sliding second ÷ limit', worstSecond(arrivals) / requestsPerSecond, 2);
    await daemon.stop();
  } finally {
    fixture.close();
  }
}
