// The state file over many passes with changes: bytes that an operation adds, and whether a pass becomes slower.
import { openFixture } from '../fixture.mjs';
import { range, shuffled, writeExport } from '../export.mjs';
import { usedBytes } from '../state.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';

const share = 0.01;

export const churn = {
  about: `passes in a row, each with ${share * 100} % movers and as many people who leave or return`,
  sizes: { people: [10_000] },
  runs: 40,
  async run({ people, runs: passes, program }, results) {
    const fixture = await openFixture(program, { target: { guard: unlimitedGuard } });
    const count = Math.max(1, Math.round(people * share));
    const revisions = new Map();
    const absent = new Set();
    const measured = [];
    const sizes = [];
    try {
      writeExport(fixture.file, people, range(people));
      await fixture.run('sync');
      sizes.push(usedBytes(fixture.state));
      for (let pass = 1; pass <= passes; pass += 1) {
        const order = shuffled(range(people), pass);
        for (const n of order.slice(0, count)) revisions.set(n, (revisions.get(n) ?? 0) + 1);
        // Who left in the last pass returns in this one, so that the company keeps its size.
        for (const n of absent.size > 0 ? [...absent] : order.slice(count, 2 * count))
          if (!absent.delete(n)) absent.add(n);
        writeExport(
          fixture.file,
          people,
          range(people).filter((n) => !absent.has(n)),
          (n) => revisions.get(n) ?? 0,
        );
        measured.push(await fixture.run('sync'));
        sizes.push(usedBytes(fixture.state));
      }
    } finally {
      fixture.close();
    }
    report({ measured, sizes, people }, results);
  },
};

function report({ measured, sizes, people }, results) {
  const writes = ({ sinkStats: { counts } }) =>
    Object.entries(counts).reduce((sum, [endpoint, count]) => sum + (endpoint.startsWith('GET ') ? 0 : count), 0);
  const operations = measured.reduce((sum, run) => sum + writes(run), 0);
  const half = measured.length >>> 1;
  results.process('passes of the first half', measured.slice(0, half));
  results.process('passes of the second half', measured.slice(half), {
    floor: measured.slice(0, half),
    floorName: 'first half',
  });
  results.figure('state after the first load', sizes[0] / people, 'bytes/person');
  results.figure('state that a request adds', (sizes.at(-1) - sizes[0]) / operations, 'bytes/request', { most: 350 });
  results.figure('pages in use', sizes.at(-1) / 1e6, 'MB');
  results.figure('state file', measured.at(-1).stateMb, 'MB');
}
