// Medians, quantiles and exponents of growth.

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median and its range. */
export const summary = (values) => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
  runs: values.length,
});

/**
 * The exponent e of value = c · size^e, by least squares of the logarithms: 0 is constant, 1 is linear.
 *
 * @param points at least two pairs [size, value] of different sizes, all positive
 */
export function exponent(points) {
  const logs = points.map((pair) => pair.map(Math.log));
  const mean = (at) => logs.reduce((sum, pair) => sum + pair[at], 0) / logs.length;
  const [size, value] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [x, y]) => sum + (x - size) * (y - value), 0);
  return over / logs.reduce((sum, [x]) => sum + (x - size) ** 2, 0);
}
