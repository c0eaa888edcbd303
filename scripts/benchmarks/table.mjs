// Prints results as tables.

/** @param rows lists of cells; the first is the heading */
export function printTable(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  console.log(`\n${title}`);
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => align(cell ?? '', column, widths[column])).join('   ')}`.trimEnd());
}

/** Text to the left, figures to the right. */
function align(cell, column, width) {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** Prints the rows of one scenario at one size. */
export function printResults(title, rows) {
  const processes = rows.filter(({ unit }) => unit === undefined);
  const figures = rows.filter(({ unit }) => unit !== undefined);
  if (processes.length > 0)
    printTable(`${title}; medians (min–max)`, [
      ['', 'CPU s', 'wall s', 'peak MB', 'log MB', '÷ floor: CPU', 'wall', 'floor', 'goal'],
      ...processes.map((row) => [
        row.measure,
        spread(row.cpuMs, seconds),
        spread(row.wallMs, seconds),
        spread(row.peakMb, number),
        row.walMb === 0 ? '' : number(row.walMb),
        row.ofFloor === undefined ? '' : number(row.ofFloor),
        row.wallOfFloor === undefined ? '' : number(row.wallOfFloor),
        row.floor,
        row.goal.map(goalText).join(', '),
      ]),
    ]);
  if (figures.length > 0)
    printTable(processes.length > 0 ? '' : title, [
      ['', 'median (min–max)', '', 'goal'],
      ...figures.map((row) => [row.measure, spread(row.value, number), row.unit, row.goal.map(goalText).join(', ')]),
    ]);
}

export function printGrowth(rows) {
  if (rows.length === 0) return;
  printTable('exponents of growth (0: constant, 1: linear)', [
    ['', 'with', 'exponent', 'from', 'to'],
    ...rows.map(({ name, dimension, exponent, points }) => [
      name,
      dimension,
      exponent.toFixed(2),
      ...[points[0], points.at(-1)].map(([size, value]) => `${size}: ${number(value)}`),
    ]),
  ]);
}

const units = { ofFloor: '÷ floor', peakMb: 'peak MB', walMb: 'log MB' };

function goalText({ what, most, least, isMet }) {
  const limit = most === undefined ? `≥ ${least}` : `≤ ${most}`;
  return `${units[what] ?? what} ${limit} ${isMet ? 'met' : 'MISSED'}`;
}

/** "1.23 (1.20–1.31)" */
function spread({ median, least, most, runs }, show) {
  return runs === 1 ? show(median) : `${show(median)} (${show(least)}–${show(most)})`;
}

const seconds = (ms) => (ms / 1000).toFixed(2);

/** Three digits are enough for figures that vary by some percent. */
export function number(value) {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
