/** The largest number of times, in ms, within any second. */
export function maxInAnySecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((begin) => times.filter((at) => at >= begin && at < begin + 1000).length));
}
