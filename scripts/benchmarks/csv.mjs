// Complete passes over an HR export, compared with csv-parse alone reading that file.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { runMeasured, script } from './measure.mjs';
import { membersPerRequest, openFixture } from './fixture.mjs';
import { managerOf, shuffled, teamsOf, range, writeExport } from './export.mjs';
import { median, megabytes, met, ratio, seconds, spread } from './report.mjs';

const maxMemoryMb = 220;

export async function csv({ people, runs, program }, print) {
  const fixture = await openFixture(program);
  const { file } = fixture;
  const runsByName = new Map();
  const addRun = (name, run) => runsByName.set(name, [...(runsByName.get(name) ?? []), run]);
  const allPeople = range(people);
  const pass = async (name) => addRun(name, await fixture.run('sync'));
  try {
    writeExport(file, people, allPeople);
    await pass('first load');
    for (let run = 1; run <= runs; run += 1) {
      addRun('csv-parse alone', await runMeasured(script('csv-floor.mjs'), [file]));
      addRun('scimsync --version', await fixture.run('--version'));
      await pass('unchanged, file untouched');
      rewrite(file);
      await pass('unchanged, file rewritten');
      writeExport(file, people, shuffled(allPeople, run));
      await pass('unchanged, rows shuffled');
      writeExport(file, people, allPeople);
      await pass('unchanged, rows put back');
    }
    const expected = applyChanges(file, people);
    await pass('1 % movers, 0.5 % joiners, 0.5 % leavers');
    await pass('unchanged after that');
    print(
      `csv: ${people} people, ${(statSync(file).size / people).toFixed(0)} bytes per row, ${runs} runs; ` +
        'seconds and MB as median (min–max)',
      table(runsByName),
    );
    print('calls', calls(runsByName, people, expected));
  } finally {
    fixture.close();
  }
}

/** A new file with the same bytes, as a nightly export job writes it. */
function rewrite(file) {
  writeFileSync(file, readFileSync(file));
}

/** The changes of a night. Leavers are no line managers, so each change is one request. @returns expected requests */
function applyChanges(file, people) {
  const share = (part) => Math.max(1, Math.round(people * part));
  const leavers = new Set(shuffled(range(people, managerOf(people) + 1), 7).slice(0, share(0.005)));
  const joiners = range(people + share(0.005), people);
  const movers = new Set(
    shuffled(
      range(people).filter((n) => !leavers.has(n)),
      8,
    ).slice(0, share(0.01)),
  );
  const here = range(people).filter((n) => !leavers.has(n));
  writeExport(file, people, [...here, ...joiners], (n) => (movers.has(n) ? 1 : 0));
  const edges = new Map();
  for (const n of [...leavers, ...joiners])
    for (const team of teamsOf(n, people)) edges.set(team, (edges.get(team) ?? 0) + 1);
  const groups = [...edges.values()].reduce((sum, count) => sum + Math.ceil(count / membersPerRequest), 0);
  return { 'POST /Users': joiners.length, 'PATCH /Users': movers.size + leavers.size, 'PATCH /Groups': groups };
}

function table(runsByName) {
  const floor = median(runsByName.get('csv-parse alone').map(({ wallMs }) => wallMs));
  const start = median(runsByName.get('scimsync --version').map(({ wallMs }) => wallMs));
  const rows = [['', 'wall', 'CPU', 'peak MB', 'of csv-parse', 'without start', `goal: ${maxMemoryMb} MB`]];
  for (const [name, all] of runsByName) {
    const of = (field) => all.map((run) => run[field]);
    const wall = median(of('wallMs'));
    const isPass = name.startsWith('unchanged') || name.startsWith('first') || name.startsWith('1 %');
    rows.push([
      name,
      spread(of('wallMs'), seconds),
      spread(of('cpuMs'), seconds),
      spread(of('peakMb'), megabytes),
      ratio(wall / floor),
      isPass ? ratio((wall - start) / floor) : '',
      isPass ? met(Math.max(...of('peakMb')) <= maxMemoryMb) : '',
    ]);
  }
  return rows;
}

function calls(runsByName, people, expected) {
  const rows = [['', 'sent', 'expected', '']];
  const add = (name, sent, most) => rows.push([name, String(sent), String(most), met(sent <= most)]);
  const sentBy = (name, endpoint) => runsByName.get(name).at(-1).sinkStats.counts[endpoint] ?? 0;
  add('first load, POST /Users', sentBy('first load', 'POST /Users'), people);
  for (const name of runsByName.keys()) {
    if (name.startsWith('unchanged'))
      add(
        name,
        runsByName
          .get(name)
          .reduce((sum, { sinkStats }) => sum + Object.values(sinkStats.counts).reduce((a, b) => a + b, 0), 0),
        0,
      );
  }
  for (const [endpoint, count] of Object.entries(expected))
    add(`changes, ${endpoint}`, sentBy('1 % movers, 0.5 % joiners, 0.5 % leavers', endpoint), count);
  return rows;
}
