import type { Judgement } from '../../model/reading/judgement.ts';
import type { JoinCounts, JoinedFailure, JoinedView, RejectionReport } from '../../store/store.ts';

/** How many values that are not unique a pass names. */
export const maxNamedValues = 20;

/** What a pass found out about a joined source. */
export interface JoinedSourceReport {
  readonly source: string;
  /** Undefined: its reading was accepted. */
  readonly failure: JoinedFailure | undefined;
  readonly judgements: readonly Judgement[];
  readonly rejected: number;
  readonly rejections: RejectionReport;
  readonly counts: JoinCounts;
}

/** What the last pass found out about a joined source. @param maxNamedRejections how many rejected rows it names */
export async function reportOf(joined: JoinedView, maxNamedRejections: number): Promise<JoinedSourceReport> {
  const { failure } = joined.state();
  const last = await joined.mirror.last();
  return {
    source: joined.name,
    failure,
    judgements: failure === undefined ? (last?.facts.judgements ?? []) : (failure.judgements ?? []),
    rejected: last?.rejected ?? 0,
    rejections: await joined.mirror.rejectionReport(maxNamedRejections),
    counts: joined.counts(maxNamedValues),
  };
}
