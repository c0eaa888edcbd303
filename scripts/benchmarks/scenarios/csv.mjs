// Passes over an HR export that is complete each time, compared with csv-parse alone reading that file.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { floor, runMeasured } from '../measure.mjs';
import { membersPerRequest, openFixture } from '../fixture.mjs';
import { managerOf, range, shuffled, teamsOf, writeExport } from '../export.mjs';

/**
 * By the names of the passes: the longest CPU time, as a ratio to csv-parse. With fewer people than these goals are
 * for, the start of the program is most of a pass.
 */
const goals = {
  100_000: {
    untouched: 0.3,
    'written again': 0.3,
    'one row changed': 0.5,
    'rows shuffled': 0.8,
    'rows put back': 0.8,
    '1 % movers': 1.2,
    'sync --full': 4,
  },
  1_000_000: { untouched: 0.1, 'written again': 0.1 },
};
const maxPeakMb = 220;

export const csv = {
  about: 'passes over an export, the floor is csv-parse alone reading it',
  sizes: { people: [100_000] },
  async run({ people, runs, program }, results) {
    const fixture = await openFixture(program);
    try {
      const measured = await passes(fixture, people, runs);
      report(measured, people, results);
      results.figure('bytes per row', statSync(fixture.file).size / people, 'bytes');
    } finally {
      fixture.close();
    }
  },
};

async function passes(fixture, people, runs) {
  const { file } = fixture;
  const measured = new Map();
  const note = (name, run) => measured.set(name, [...(measured.get(name) ?? []), run]);
  const pass = async (name, expected, ...args) => note(name, { ...(await fixture.run('sync', ...args)), expected });
  const employees = range(people);
  /** Title changes of each person. */
  const revisions = new Map();
  const write = (order) => writeExport(file, people, order, (n) => revisions.get(n) ?? 0);
  const change = (list) => list.forEach((n) => revisions.set(n, (revisions.get(n) ?? 0) + 1));
  write(employees);
  await pass('first load', undefined);
  for (let run = 1; run <= runs; run += 1) {
    note('csv-parse', await runMeasured(floor('csv-parse'), [file]));
    await pass('untouched', {});
    writeFileSync(file, readFileSync(file));
    await pass('written again', {});
    change([(run * 7919) % people]);
    write(employees);
    await pass('one row changed', { 'PATCH /Users': 1 });
    write(shuffled(employees, run));
    await pass('rows shuffled', {});
    write(employees);
    await pass('rows put back', {});
    const movers = shuffled(employees, 100 + run).slice(0, Math.max(1, Math.round(people / 100)));
    change(movers);
    write(employees);
    await pass('1 % movers', { 'PATCH /Users': movers.length });
    await pass('sync --full', {}, '--full');
  }
  const here = nightOf(people, employees);
  write(here.order);
  await pass('0.5 % joiners, 0.5 % leavers', here.expected);
  await pass('untouched after that', {});
  return measured;
}

/**
 * Joiners and leavers. The leavers are no line managers, so each of them is one request. Members are removed first, and
 * added once the joiners have accounts: these are requests of their own.
 */
function nightOf(people, employees) {
  const share = Math.max(1, Math.round(people * 0.005));
  const leavers = new Set(shuffled(range(people, managerOf(people) + 1), 7).slice(0, share));
  const joiners = range(people + share, people);
  return {
    order: [...employees.filter((n) => !leavers.has(n)), ...joiners],
    expected: {
      'POST /Users': joiners.length,
      'PATCH /Users': leavers.size,
      'PATCH /Groups': groupRequests([...leavers], people) + groupRequests(joiners, people),
    },
  };
}

function groupRequests(members, people) {
  const changes = new Map();
  for (const n of members) for (const team of teamsOf(n, people)) changes.set(team, (changes.get(team) ?? 0) + 1);
  return [...changes.values()].reduce((sum, count) => sum + Math.ceil(count / membersPerRequest), 0);
}

function report(measured, people, results) {
  const csvParse = measured.get('csv-parse');
  for (const [name, runs] of measured) {
    const ofFloor = goals[people]?.[name];
    results.process(name, runs, {
      floor: name === 'csv-parse' ? undefined : csvParse,
      floorName: 'csv-parse',
      goal: name === 'csv-parse' ? {} : { ...(ofFloor === undefined ? {} : { ofFloor }), peakMb: maxPeakMb },
    });
  }
  for (const [name, runs] of measured) {
    const surplus = runs.filter(({ expected }) => expected !== undefined).map(surplusOf);
    if (surplus.length > 0) results.figure(`${name}: writes more than needed`, surplus, 'requests', { most: 0 });
  }
}

/** Writes beyond those that the changes need. Reads that verify changes do not count. */
function surplusOf({ sinkStats: { counts }, expected }) {
  return Object.entries(counts)
    .filter(([endpoint]) => !endpoint.startsWith('GET '))
    .reduce((sum, [endpoint, count]) => sum + Math.max(0, count - (expected[endpoint] ?? 0)), 0);
}
