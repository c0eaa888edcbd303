// Start of commands that need no network.
import { floor, runMeasured } from '../measure.mjs';
import { openFixture } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';

export const start = {
  about: 'start of commands that need no network; the floor is an empty program of Node.js',
  sizes: {},
  runs: 9,
  async run({ runs, program }, results) {
    const fixture = await openFixture(program);
    const commands = { '--help': ['--help'], '--version': ['--version'], status: ['status'] };
    const measured = Object.fromEntries(['floor', ...Object.keys(commands)].map((name) => [name, []]));
    try {
      writeExport(fixture.file, 100, range(100));
      await fixture.run('sync');
      for (let run = 0; run < runs; run += 1) {
        measured.floor.push(await runMeasured(floor('empty'), []));
        for (const [name, args] of Object.entries(commands)) measured[name].push(await fixture.run(...args));
      }
    } finally {
      fixture.close();
    }
    const of = { floor: measured.floor, floorName: 'empty program' };
    for (const name of Object.keys(commands)) results.process(name, measured[name], of);
    results.process('empty program', measured.floor);
    const cpu = (name) => measured[name].map(({ cpuMs }) => cpuMs);
    results.figure('--help', cpu('--help'), 'ms CPU', { most: 120 });
    results.figure('status', cpu('status'), 'ms CPU', { most: 200 });
  },
};
