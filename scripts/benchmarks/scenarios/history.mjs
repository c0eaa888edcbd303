// Commands that read a long journal. The floor is the start of Node.js, a bare query by an index, and nothing else.
import { floor, runMeasured } from '../measure.mjs';
import { openFixture } from '../fixture.mjs';
import { employee, range, writeExport } from '../export.mjs';
import { extendJournal } from '../journal.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';

const people = 10_000;
const person = people - 1;
const key = employee(person);
/** In ms. An idle machine needs about as much time as CPU time. */
const goals = { 'history --user': 200, status: 1000, explain: 1000, plan: 1000 };

export const history = {
  about: `commands with a long journal of ${people.toLocaleString('en')} people; the floor is a bare query by an index`,
  sizes: { rows: [2_000_000, 5_000_000] },
  async run({ rows, runs, program }, results) {
    const fixture = await openFixture(program, { target: { guard: unlimitedGuard } });
    const revised = new Set();
    const write = () => writeExport(fixture.file, people, range(people), (n) => (revised.has(n) ? 2 : 1));
    try {
      writeExport(fixture.file, people, range(people));
      await fixture.run('sync');
      write();
      await fixture.run('sync');
      const reached = extendJournal(fixture.state, rows);
      revised.add(person);
      write();
      const pass = [await fixture.run('sync')];
      const commands = {
        'history --user': ['history', '--user', key],
        status: ['status'],
        explain: ['explain', key],
        plan: ['plan'],
      };
      const measured = Object.fromEntries(['query', ...Object.keys(commands)].map((name) => [name, []]));
      for (let run = 0; run < runs; run += 1) {
        measured.query.push(await runMeasured(floor('query'), [fixture.state, key]));
        for (const [name, args] of Object.entries(commands)) measured[name].push(await fixture.run(...args));
      }
      const of = { floor: measured.query, floorName: 'bare query' };
      results.process('bare query', measured.query);
      results.process('pass with one change', pass, of);
      for (const name of Object.keys(commands)) {
        results.process(name, measured[name], of);
        const cpu = measured[name].map(({ cpuMs }) => cpuMs);
        results.figure(name, cpu, 'ms CPU', { most: goals[name] });
      }
      results.figure('rows of the journal', reached, 'rows');
      results.figure('state file', pass[0].stateMb, 'MB');
    } finally {
      fixture.close();
    }
  },
};
