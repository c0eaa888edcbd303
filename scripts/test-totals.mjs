// Prints the sum of the jest reports in FOLDER: first the skipped tests, last "N passed, N failed".
// usage: node scripts/test-totals.mjs FOLDER [NAME-OF-THE-STEP-THAT-FAILED]
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder, failedStep = ''] = process.argv.slice(2);
const reports = readdirSync(folder)
  .sort()
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));

for (const line of summariseSkipped(reports.flatMap(skippedTests))) console.log(line);

const passed = sum((report) => report.numPassedTests);
// A test file that could not be loaded has no tests to count, and neither has a failed step such as lint. Both count as
// failures.
const failed = sum((report) => report.numFailedTests + report.numRuntimeErrorTestSuites);
console.log(`${passed} passed, ${failed === 0 && failedStep !== '' ? 1 : failed} failed`);

function sum(count) {
  return reports.reduce((total, report) => total + count(report), 0);
}

/** Tests that need a missing server are counted, others are listed. */
function summariseSkipped(lines) {
  // No Map.groupBy: where the install step failed, this runs on the system's Node.js 20.
  const serverOf = (line) => /\[(slapd|389ds|samba|better-auth|polis)\]/.exec(line)?.[1];
  return [...new Set(lines.map(serverOf))].flatMap((server) => {
    const all = lines.filter((line) => serverOf(line) === server);
    return server === undefined ? all : [`skipped: ${all.length} tests that need ${server}`];
  });
}

/** Tests that were skipped (also by a name filter, -t) or marked as todo. */
function skippedTests(report) {
  return report.testResults.flatMap(({ name: file, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(
        ({ fullName, status }) =>
          `${status === 'todo' ? 'to do' : 'skipped'}: ${relative(process.cwd(), file)}: ${fullName}`,
      ),
  );
}
