// Unchanged passes with several targets, compared with csv-parse alone reading the export.
import { floor, runMeasured } from '../measure.mjs';
import { openFixture } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';

/** Accounts of all targets together. With more, the first load takes hours, so further targets hold a part only. */
const maxAccounts = 500_000;

export const manyTargets = {
  about: 'unchanged passes, the floor is csv-parse alone reading the export',
  sizes: { people: [10_000], targets: [1, 20, 50] },
  async run({ people, targets, runs, program }, results) {
    const isPart = people * targets > maxAccounts;
    const fixture = await openFixture(program, {
      targets,
      target: (number) => (isPart && number > 0 ? { scope: { users: partOf(people, targets) } } : {}),
    });
    const passes = [];
    const csvParse = [];
    try {
      writeExport(fixture.file, people, range(people));
      const first = await fixture.run('sync');
      for (let run = 0; run < runs; run += 1) {
        csvParse.push(await runMeasured(floor('csv-parse'), [fixture.file]));
        passes.push(await fixture.run('sync'));
      }
      results.process('first load', [first]);
    } finally {
      fixture.close();
    }
    const requests = passes.map(({ sinkStats: { counts } }) => Object.values(counts).reduce((a, b) => a + b, 0));
    results.process(isPart ? 'unchanged, one complete target' : 'unchanged', passes, {
      floor: csvParse,
      floorName: 'csv-parse',
      goal: { peakMb: 220 },
    });
    results.figure('unchanged: requests', requests, 'requests', { most: 0 });
  },
};

/** As an expression: so few users that all targets together hold about `maxAccounts` accounts. */
function partOf(people, targets) {
  const share = Math.max(0, maxAccounts - people) / (targets - 1) / people;
  return `user.employee_number.endsWith('${'0'.repeat(Math.max(1, Math.ceil(-Math.log10(share))))}')`;
}
