// Whole passes over an HR export, against csv-parse alone reading that file.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { measured, script } from './child.mjs';
import { membersPerRequest, openDesk } from './desk.mjs';
import { managerOf, shuffled, teamsOf, upTo, writeExport } from './export.mjs';
import { median, megabytes, met, ratio, seconds, spread } from './table.mjs';

const mostMemory = 250;

export async function csv({ people, runs, program }, print) {
  const desk = await openDesk(program);
  const { file } = desk;
  const taken = new Map();
  const note = (name, run) => taken.set(name, [...(taken.get(name) ?? []), run]);
  const everybody = upTo(people);
  const pass = async (name) => note(name, await desk.run('sync'));
  try {
    writeExport(file, people, everybody);
    await pass('first load');
    for (let run = 1; run <= runs; run += 1) {
      note('csv-parse alone', await measured(script('csv-floor.mjs'), [file]));
      note('scimsync --version', await desk.run('--version'));
      await pass('unchanged, file untouched');
      rewrite(file);
      await pass('unchanged, file rewritten');
      writeExport(file, people, shuffled(everybody, run));
      await pass('unchanged, rows shuffled');
      writeExport(file, people, everybody);
      await pass('unchanged, rows put back');
    }
    const expected = change(file, people);
    await pass('1 % movers, 0.5 % joiners, 0.5 % leavers');
    await pass('unchanged after that');
    print(
      `csv: ${people} people, ${(statSync(file).size / people).toFixed(0)} bytes a row, ${runs} runs; seconds and MB as median (least–most)`,
      table(taken),
    );
    print('calls', calls(taken, people, expected));
  } finally {
    desk.close();
  }
}

/** The same bytes in a new file, as an export job leaves them every night. */
function rewrite(file) {
  writeFileSync(file, readFileSync(file));
}

/** A night's changes: nobody who leaves manages anybody, so that one change is one call. @returns what they should cost */
function change(file, people) {
  const share = (part) => Math.max(1, Math.round(people * part));
  const leavers = new Set(shuffled(upTo(people, managerOf(people) + 1), 7).slice(0, share(0.005)));
  const joiners = upTo(people + share(0.005), people);
  const movers = new Set(
    shuffled(
      upTo(people).filter((n) => !leavers.has(n)),
      8,
    ).slice(0, share(0.01)),
  );
  const here = upTo(people).filter((n) => !leavers.has(n));
  writeExport(file, people, [...here, ...joiners], (n) => (movers.has(n) ? 1 : 0));
  const edges = new Map();
  for (const n of [...leavers, ...joiners])
    for (const team of teamsOf(n, people)) edges.set(team, (edges.get(team) ?? 0) + 1);
  const groups = [...edges.values()].reduce((sum, count) => sum + Math.ceil(count / membersPerRequest), 0);
  return { 'POST /Users': joiners.length, 'PATCH /Users': movers.size + leavers.size, 'PATCH /Groups': groups };
}

function table(taken) {
  const floor = median(taken.get('csv-parse alone').map(({ wallMs }) => wallMs));
  const start = median(taken.get('scimsync --version').map(({ wallMs }) => wallMs));
  const rows = [['', 'wall', 'CPU', 'peak MB', 'of csv-parse', 'without start', `goal: ${mostMemory} MB`]];
  for (const [name, all] of taken) {
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
      isPass ? met(Math.max(...of('peakMb')) <= mostMemory) : '',
    ]);
  }
  return rows;
}

function calls(taken, people, expected) {
  const rows = [['', 'sent', 'expected', '']];
  const add = (name, sent, wanted) => rows.push([name, String(sent), String(wanted), met(sent <= wanted)]);
  const sentBy = (name, kind) => taken.get(name).at(-1).seen.counts[kind] ?? 0;
  add('first load, POST /Users', sentBy('first load', 'POST /Users'), people);
  for (const name of taken.keys()) {
    if (name.startsWith('unchanged'))
      add(
        name,
        taken.get(name).reduce((sum, { seen }) => sum + Object.values(seen.counts).reduce((a, b) => a + b, 0), 0),
        0,
      );
  }
  for (const [kind, wanted] of Object.entries(expected))
    add(`changes, ${kind}`, sentBy('1 % movers, 0.5 % joiners, 0.5 % leavers', kind), wanted);
  return rows;
}
