// A first load and the passes after it, over an export. One user in ten belongs to the target: reading the export is
// most of each pass, and the first load stays short.
import { join } from 'node:path';
import { floor, runMeasured } from '../measure.mjs';
import { openFixture } from '../fixture.mjs';
import { range, shuffled, writeExport } from '../export.mjs';
import { cpuOf, cpuRatio, largest, requestsOf, writesOf } from './checks.mjs';

const people = 30_000;
const accounts = people / 10;
const scope = { users: "user.employee_number.endsWith('7')" };
const repetitions = 3;

export async function csvPasses(program, checks) {
  const fixture = await openFixture(program, { target: { scope } });
  const { file } = fixture;
  try {
    writeExport(file, people, range(people));
    await firstLoad(fixture, checks);
    await passes(fixture, checks);
  } finally {
    fixture.close();
  }
}

async function firstLoad(fixture, checks) {
  const requests = join(fixture.folder, 'requests.jsonl');
  await fixture.control('record');
  const load = await fixture.run('sync');
  await fixture.control('recorded', { file: requests });
  const bare = [];
  for (let run = 0; run < repetitions; run += 1) {
    // Another application of the sink: the first one keeps the accounts.
    await fixture.control('rename', { from: 't0', to: 'kept' });
    bare.push(await runMeasured(floor('bare-loop'), ['undici', requests, `${fixture.url}/t0`, '32']));
    await fixture.control('rename', { from: 'kept', to: 't0' });
  }
  const sent = requestsOf(load);
  checks.equal('first load: creates of users', writesOf(load, 'POST /Users'), accounts);
  checks.most('first load: requests, reads that verify included', sent, 1.3 * accounts);
  checks.most('first load: peak memory, MB', load.peakMb, 350);
  checks.most('first load: write-ahead log, MB', load.walMb, 60);
  checks.most('first load: bytes written, MB', load.writtenMb, 300);
  checks.most('first load: CPU ÷ bare loop of undici', load.cpuMs / cpuOf(bare), 30);
}

async function passes(fixture, checks) {
  const { file } = fixture;
  const unchanged = [];
  const csvParse = [];
  const oneChanged = [];
  const full = [];
  for (let run = 1; run <= repetitions; run += 1) {
    csvParse.push(await runMeasured(floor('csv-parse'), [file]));
    unchanged.push(await fixture.run('sync'));
    writeExport(file, people, range(people), (n) => (isChanged(n, run) ? 1 : 0));
    oneChanged.push(await fixture.run('sync'));
    full.push(await fixture.run('sync', '--full'));
  }
  writeExport(file, people, shuffled(range(people), 1), (n) => (isChanged(n, repetitions) ? 1 : 0));
  const rowsShuffled = await fixture.run('sync');
  checks.equal('unchanged: requests', Math.max(...unchanged.map(requestsOf)), 0);
  checks.most('unchanged: bytes written, MB', largest(unchanged, 'writtenMb'), 2);
  checks.most('unchanged: peak memory, MB', largest(unchanged, 'peakMb'), 220);
  checks.most('unchanged: CPU ÷ csv-parse', cpuRatio(unchanged, csvParse), 1.5);
  checks.equal('one row changed: writes', Math.max(...oneChanged.map((run) => writesOf(run))), 1);
  checks.most('one row changed: bytes written, MB', largest(oneChanged, 'writtenMb'), 4);
  checks.most('one row changed: CPU ÷ csv-parse', cpuRatio(oneChanged, csvParse), 3);
  checks.equal('rows shuffled: requests', requestsOf(rowsShuffled), 0);
  checks.equal('sync --full: writes', Math.max(...full.map((run) => writesOf(run))), 0);
  checks.most('sync --full: CPU ÷ csv-parse', cpuRatio(full, csvParse), 8);
}

/** One user more in each run, of those who belong to the target. */
const isChanged = (n, run) => n % 10 === 7 && n < 10 * run;
