import type { Config } from '../../config/config.ts';
import { formatTime } from '../../model/time.ts';
import type { Finding, FindingKind } from '../../page/facts/finding.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { JoinedSourceReport } from '../../sync/joins/joined-source-report.ts';
import { plainColors } from '../console.ts';
import { judgementsText } from '../print/judgements.ts';
import { keyChangesText } from '../print/key-changes.ts';
import { rejectionsText } from '../print/rejections.ts';
import { joinedSourcesOf } from '../source/joined-source-reports.ts';
import { joinedSourcesText } from '../source/joined-sources-text.ts';

/** What an operator should know about the sources: why the last pass failed, and what the last reading found out. */
export async function sourceFindings(
  view: ReadOnlyStore,
  config: Config,
  maxRejections: number,
): Promise<readonly Finding[]> {
  const reading = await view.mirror.last();
  return [
    ...failedPass(view),
    ...judgementsText(reading?.facts.judgements ?? [], plainColors).map(
      (text) => ({ kind: 'accepted', text }) as const,
    ),
    ...finding('keyChanges', keyChangesText(view.keyChanges.pending())),
    ...finding('rejected', rejectionsText(await view.mirror.rejectionReport(maxRejections))),
    ...(await joinedSourcesOf(view, config)).flatMap((report) =>
      finding(kindOf(report), joinedSourcesText([report], plainColors)),
    ),
  ];
}

function failedPass(view: ReadOnlyStore): readonly Finding[] {
  const pass = view.lastPass();
  if (pass?.result !== 'failed' || pass.note === undefined) return [];
  const details = (pass.judgements ?? []).map(({ reason, code }) => `  ${reason} (code: ${code})`);
  const text = `pass ${pass.id} failed at ${formatTime(pass.ended ?? pass.started)}: ${pass.note}`;
  return [{ kind: 'refused', text, details }];
}

const kindOf = ({ failure, rejected }: JoinedSourceReport): FindingKind =>
  failure !== undefined ? 'refused' : rejected > 0 ? 'rejected' : 'accepted';

/** Lines of which the first states what the others belong to. */
function finding(kind: FindingKind, [text, ...details]: readonly string[]): readonly Finding[] {
  return text === undefined ? [] : [{ kind, text, details }];
}
