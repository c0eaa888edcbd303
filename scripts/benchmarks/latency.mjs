// Latency of leavers: from the change of the source to the response of the target.
import { renameSync } from 'node:fs';
import { writeExport } from './export.mjs';
import { clockMs } from './clock.mjs';
import { quantile } from './statistics.mjs';

/** Waits for the response to the request that closes a user's account at a target. @returns its time */
export async function closingOf(fixture, daemon, userName, target) {
  let closing;
  await daemon.until(`${userName} is closed at ${target}`, async () => {
    closing = (await fixture.control('closings')).find((one) => one.userName === userName && one.target === target);
    return closing !== undefined;
  });
  return closing.at;
}

/** Replaces the export as a careful job does: written beside it, then renamed. @returns the time of the rename */
export function replaceExport(file, people, order) {
  writeExport(`${file}.new`, people, order);
  const at = clockMs();
  renameSync(`${file}.new`, file);
  return at;
}

/** @param goal upper limit of the 99th percentile in ms */
export function reportLatencies(results, name, latencies, goal) {
  results.figure(`${name}: median`, quantile(latencies, 0.5), 'ms');
  results.figure(`${name}: 99 %`, quantile(latencies, 0.99), 'ms', goal);
}
