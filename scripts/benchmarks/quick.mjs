// The quick variant for CI: counts, bytes, memory, and ratios of CPU times to baselines of the same run, with limits of
// at least twice what is usual. It finds a loss of an order; the scenarios of scripts/bench find smaller ones.
import { hasSlapd } from './directory.mjs';
import { machine } from './machine.mjs';
import { quickChecks } from './quick/checks.mjs';
import { csvPasses } from './quick/csv.mjs';
import { directoryPasses } from './quick/directory.mjs';
import { leaverOvertakes } from './quick/leaver.mjs';
import { longJournal } from './quick/journal.mjs';
import { severalTargets } from './quick/targets.mjs';
import { number } from './table.mjs';

/** Runs all checks. @returns the exit code */
export async function quick(program) {
  const { node, cores, load, platform } = machine();
  if (!platform.startsWith('linux')) {
    console.log(`left out: the quick benchmark reads /proc, which ${platform} does not have`);
    return 0;
  }
  console.log(`Node.js ${node}, ${cores} cores, load ${number(load)}`);
  const checks = quickChecks();
  for (const part of [csvPasses, severalTargets, longJournal, leaverOvertakes]) await part(program, checks);
  if (hasSlapd()) await directoryPasses(program, checks);
  checks.print();
  if (!hasSlapd()) console.log('left out: passes over OpenLDAP; slapd, ldap-utils and openssl are not installed');
  return checks.failed.length === 0 ? 0 : 1;
}
