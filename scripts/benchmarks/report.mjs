// Formats figures: medians with their range, and ratios with their goals.

/** @param rows lists of cells; the first is the heading */
export function print(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  console.log(`\n${title}`);
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => align(cell ?? '', column, widths[column])).join('   ')}`.trimEnd());
}

/** Text to the left, figures to the right. */
function align(cell, column, width) {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** "1.23 (1.20–1.31)" */
export function spread(values, show) {
  return values.length === 1
    ? show(values[0])
    : `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}

export const seconds = (ms) => (ms / 1000).toFixed(2);
export const megabytes = (mb) => mb.toFixed(0);
export const ratio = (value) => value.toFixed(2);
export const met = (isMet) => (isMet ? 'met' : 'MISSED');
