// A large company that is read for the first time: a dry run of all users, the first reading itself, and the passes
// after it. One user in a hundred belongs to the target, so that sending does not take hours.
import { floor, runMeasured } from '../measure.mjs';
import { openFixture } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';

const scope = { users: "user.employee_number.endsWith('77')" };
const maxPeakMb = 220;
const maxWalMb = 300;
/** The longest CPU time of an unchanged pass, as a ratio to csv-parse; fewer people are measured by `csv`. */
const goals = { 1_000_000: { ofFloor: 0.1 } };

export const large = {
  about: 'dry run, first reading and unchanged passes of a large export, the floor is csv-parse alone reading it',
  sizes: { people: [10_000, 100_000, 1_000_000] },
  runs: 3,
  async run({ people, runs, program }, results) {
    await dryRun(people, program, results);
    await readings(people, runs, program, results);
  },
};

/** All users belong to the target: reading and planning of a first load, without sending. */
async function dryRun(people, program, results) {
  const fixture = await openFixture(program);
  try {
    writeExport(fixture.file, people, range(people));
    const plan = await fixture.run('plan');
    results.process('dry run', [plan], { goal: { peakMb: maxPeakMb, walMb: maxWalMb } });
    results.figure('dry run: CPU', (plan.cpuMs * 1000) / people, 'µs/person', { most: 120 });
    results.figure('dry run: bytes written', plan.writtenMb, 'MB');
  } finally {
    fixture.close();
  }
}

async function readings(people, runs, program, results) {
  const fixture = await openFixture(program, { target: { scope } });
  try {
    writeExport(fixture.file, people, range(people));
    const first = await fixture.run('sync');
    const measured = { csvParse: [], untouched: [], oneChanged: [] };
    for (let run = 1; run <= runs; run += 1) {
      measured.csvParse.push(await runMeasured(floor('csv-parse'), [fixture.file]));
      measured.untouched.push(await fixture.run('sync'));
      writeExport(fixture.file, people, range(people), (n) => (n < run ? 1 : 0));
      measured.oneChanged.push(await fixture.run('sync'));
    }
    const ofFloor = { floor: measured.csvParse, floorName: 'csv-parse' };
    results.process('first reading, 1 % of the users', [first], { goal: { peakMb: maxPeakMb, walMb: maxWalMb } });
    results.figure('first reading: bytes written', first.writtenMb, 'MB');
    results.process('untouched', measured.untouched, { ...ofFloor, goal: { ...goals[people], peakMb: maxPeakMb } });
    results.process('one row changed', measured.oneChanged, { ...ofFloor, goal: { peakMb: maxPeakMb } });
  } finally {
    fixture.close();
  }
}
