// A leaver during a first load: the removal overtakes creates that wait, and the pace keeps its limit.
import { numberOf, range } from '../export.mjs';
import { requestsPerSecond, startFirstLoad } from '../first-load.mjs';
import { closingOf, replaceExport } from '../latency.mjs';
import { worstSecond } from '../scenarios/pace.mjs';

const people = 3000;

export async function leaverOvertakes(program, checks) {
  const { fixture, daemon, created } = await startFirstLoad(program, { people, createdBefore: 100 });
  try {
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
