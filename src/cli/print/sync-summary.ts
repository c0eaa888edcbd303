import type { SyncSummaryLine } from '../../model/json/lines.ts';
import type { TargetReport } from '../../sync/target-report.ts';
import type { Colors } from '../console.ts';
import { countsText, firstLoadText, plural } from './format.ts';
import { approveCommandLine } from './audit/approval-text.ts';
import { heldAsJson } from './held-json.ts';
import { orphanLines } from './orphans-text.ts';
import { waitingNamesAsJson, waitingNamesText } from './waiting-names.ts';

/** The summary of one target for `--json`. */
export function summaryLine(report: TargetReport): SyncSummaryLine {
  const { target, counts, held, succeeded, failed, skipped, requests, retries, verifications } = report;
  const { problems, waiting, unavailable, heldOperations, unmanaged } = report;
  return {
    type: 'summary',
    target,
    counts,
    held: held === null ? null : { ...heldAsJson(held), operations: heldOperations },
    hold: report.hold ?? null,
    firstLoad: report.firstLoad ?? null,
    succeeded,
    failed,
    skipped,
    unconfirmed: report.unconfirmed,
    requests,
    retries,
    verifications,
    problems,
    waiting,
    waitingForNames: waitingNamesAsJson(report.waitingForNames),
    orphans: unmanaged.orphans,
    unowned: unmanaged.unowned,
    frozen: report.frozen,
    unavailable: unavailable ?? null,
  };
}

/** The summary of one target as text: what was done, what was not, and what to do next. */
export function summaryText(report: TargetReport, failures: readonly string[], colors: Colors): readonly string[] {
  const { failed, held, skipped, problems, unavailable, waiting, unconfirmed } = report;
  const lines = [...doneText(report, colors)];
  if (failed > 0) {
    lines.push(
      colors.red(`  ${failed} failed; the next pass tries again:`),
      ...failures.map((failure) => `    ${failure}`),
    );
    if (failed > failures.length) lines.push(`    … and ${failed - failures.length} more; see "scimsync status"`);
  }
  if (unconfirmed > 0)
    lines.push(
      colors.yellow(`  closings that are not confirmed: ${unconfirmed}; no answer and no read has shown them yet`),
    );
  if (skipped > 0) lines.push(colors.yellow(`  ${plural(skipped, 'operation')} not sent; the next pass retries`));
  if (problems > 0)
    lines.push(colors.red(`  ${plural(problems, 'record')} cannot be sent there; "scimsync status" lists them`));
  if (waiting > 0)
    lines.push(
      colors.red(
        `  ${plural(waiting, 'failing record or membership', 'failing records and memberships')} not tried in this ` +
          'pass; "scimsync status" states when; "scimsync sync --retry" tries now',
      ),
    );
  lines.push(...waitingNamesText(report.waitingForNames).map((line) => colors.yellow(`  ${line}`)));
  lines.push(...orphanLines(report.target, report.unmanaged).map((line) => colors.yellow(`  ${line}`)));
  if (report.frozen > 0)
    lines.push(colors.yellow(`  frozen: ${plural(report.frozen, 'change')} not sent; "scimsync plan" shows them`));
  if (held !== null) lines.push(...held.reasons.map((reason) => colors.yellow(`  held: ${reason}`)));
  if (report.hold !== undefined) lines.push(`  if it is right: ${approveCommandLine(report.hold)}`);
  if (unavailable !== undefined) lines.push(colors.red(`  ${unavailable}`));
  return lines;
}

/** What a pass planned at a target, and how much of it is done in how many requests. */
export function doneText(report: TargetReport, colors: Colors): readonly string[] {
  const { target, counts, succeeded, failed, skipped, requests, retries, verifications, firstLoad } = report;
  const retriesText = retries > 0 ? `, ${plural(retries, 'retry', 'retries')} among them` : '';
  const done = `  ${plural(succeeded, 'operation')} done in ${plural(requests, 'request')}${retriesText}`;
  const verified = verifications > 0 ? `; ${plural(verifications, 'request')} more read back what was written` : '';
  return [
    `${colors.bold(target)}: ${countsText(counts)}`,
    ...(firstLoad === undefined ? [] : [`  ${firstLoadText(firstLoad)}`]),
    ...(succeeded + failed + skipped > 0 ? [colors.green(`${done}${verified}`)] : []),
  ];
}
