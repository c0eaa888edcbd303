// The list of checks, each a figure with its limit.
import { median } from '../statistics.mjs';
import { number, printTable } from '../table.mjs';

export function quickChecks() {
  const checks = [];
  const add = (what, value, limit, isMet) => checks.push({ what, value, limit, isMet });
  return {
    most: (what, value, limit) => add(what, value, `≤ ${limit}`, value <= limit),
    least: (what, value, limit) => add(what, value, `≥ ${limit}`, value >= limit),
    equal: (what, value, expected) => add(what, value, `= ${expected}`, value === expected),
    get failed() {
      return checks.filter(({ isMet }) => !isMet);
    },
    print() {
      const line = ({ what, value, limit, isMet }) => [what, number(value), limit, isMet ? 'met' : 'FAILED'];
      printTable('quick benchmark', [['', 'measured', 'limit', ''], ...checks.map(line)]);
      for (const { what, value, limit } of this.failed)
        console.log(`failed: ${what}: ${number(value)}, limit ${limit}`);
    },
  };
}

/** Ratio of the medians of two lists of runs, by CPU time. */
export const cpuRatio = (runs, floor) => cpuOf(runs) / cpuOf(floor);

export const cpuOf = (runs) => median(runs.map(({ cpuMs }) => cpuMs));

export const largest = (runs, field) => Math.max(...runs.map((run) => run[field]));

/** Requests of the last pass that change something, or of one endpoint. */
export function writesOf({ sinkStats: { counts } }, endpoint) {
  if (endpoint !== undefined) return counts[endpoint] ?? 0;
  return Object.entries(counts).reduce((sum, [name, count]) => sum + (name.startsWith('GET ') ? 0 : count), 0);
}

export const requestsOf = ({ sinkStats: { counts } }) => Object.values(counts).reduce((sum, count) => sum + count, 0);
