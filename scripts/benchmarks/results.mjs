// The results of all scenarios, in one form for the tables and for machines. A row is either a process that was run
// several times (CPU and wall time, memory, write-ahead log) or a single figure (requests per second, a latency).
import { exponent, median, summary } from './statistics.mjs';

/**
 * @param scenario name of the scenario
 * @param size what the measures of this row grow with: { people, targets } or { rows }
 */
export function createResults(scenario, size) {
  const rows = [];
  return {
    rows,
    /**
     * A process, measured several times.
     *
     * @param floor runs of the baseline; the ratio compares medians
     * @param goal `{ ofFloor }`, `{ peakMb }`, `{ walMb }`: each an upper limit
     */
    process(measure, runs, { floor, floorName, goal = {} } = {}) {
      const of = (field, list = runs) => list.map((run) => run[field] ?? 0);
      const cpu = summary(of('cpuMs'));
      const row = {
        scenario,
        measure,
        ...size,
        cpuMs: cpu,
        wallMs: summary(of('wallMs')),
        peakMb: summary(of('peakMb')),
        walMb: Math.max(...of('walMb')),
      };
      if (floor !== undefined) {
        row.floor = floorName;
        row.ofFloor = cpu.median / median(of('cpuMs', floor));
        row.wallOfFloor = row.wallMs.median / median(of('wallMs', floor));
      }
      const actual = { ofFloor: row.ofFloor, peakMb: row.peakMb.most, walMb: row.walMb };
      row.goal = Object.entries(goal).map(([what, most]) => goalOf(what, actual[what], { most }));
      rows.push(row);
    },
    /** A single figure. @param goal `{ most }` or `{ least }` */
    figure(measure, values, unit, goal) {
      const list = [values].flat();
      const value = summary(list);
      rows.push({
        scenario,
        measure,
        ...size,
        unit,
        value,
        goal: goal === undefined ? [] : [goalOf(unit, value.median, goal)],
      });
    },
  };
}

const goalOf = (what, value, { least, most }) => ({
  what,
  ...(least === undefined ? { most } : { least }),
  isMet: least === undefined ? value <= most : value >= least,
});

/** Units of time and size. Ratios and numbers of requests have no exponent of growth. */
const growing = /^(?:µs|ms|s|MB|bytes)\b/;

/** Exponents of growth with people, targets or rows, of each measure that has several sizes and else equal ones. */
export function growth(rows) {
  return ['people', 'targets', 'rows'].flatMap((dimension) => growthWith(dimension, rows));
}

function growthWith(dimension, rows) {
  const series = new Map();
  for (const row of rows) {
    if (row[dimension] === undefined) continue;
    for (const [what, value] of measuresOf(row)) {
      const fixed = ['people', 'targets', 'rows']
        .filter((name) => name !== dimension && row[name] !== undefined)
        .map((name) => `${row[name]} ${name}`);
      const name = [row.scenario, row.measure, ...fixed, what].join(' · ');
      series.set(name, [...(series.get(name) ?? []), [row[dimension], value]]);
    }
  }
  return [...series]
    .map(([name, points]) => ({ name, dimension, points: points.filter(([, value]) => value > 0) }))
    .filter(({ points }) => new Set(points.map(([size]) => size)).size > 1)
    .map((one) => ({ ...one, exponent: exponent(one.points) }));
}

function measuresOf(row) {
  return row.unit === undefined
    ? [
        ['CPU', row.cpuMs.median],
        ['peak memory', row.peakMb.median],
        ['write-ahead log', row.walMb],
      ]
    : growing.test(row.unit)
      ? [[row.unit, row.value.median]]
      : [];
}
