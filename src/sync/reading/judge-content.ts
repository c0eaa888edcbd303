import type { Judgement } from '../../model/reading/judgement.ts';
import { judgeAmounts } from '../../plan/reading/amounts.ts';
import { judgeOlderFile } from '../../plan/reading/export-files.ts';
import { judgeGroupSpellings } from '../../plan/reading/group-spellings.ts';
import { judgeUnchangedLeavers } from '../../plan/reading/position.ts';
import { judgeActivations, judgeEmptiedGroups, judgeSigns } from '../../plan/reading/signs.ts';
import type { OpenSource } from '../../source/source.ts';
import type { Reading, StagingSummary } from '../../store/store.ts';
import type { SourceSpec } from '../context.ts';
import type { LostValues } from './lost-values.ts';

/** What the judgements of a content need besides its counts. */
interface ContentContext {
  readonly open: Pick<OpenSource, 'signs' | 'files'>;
  readonly last: Reading | undefined;
  readonly spec: Pick<SourceSpec, 'sanity'>;
}

/** Compares the counts of a staged reading with the last accepted one. */
export function judgeContent(
  { open, last, spec: { sanity } }: ContentContext,
  summary: StagingSummary,
  lost: LostValues,
): readonly Judgement[] {
  const leaversBack = summary.activated.users + summary.returned;
  return [
    ...judgeAmounts(summary, sanity),
    ...judgeSigns(lost.signs, open.signs?.mayBeHidden === true, sanity),
    ...judgeEmptiedGroups(lost.groups),
    ...judgeUnchangedLeavers(lost.unchangedLeavers),
    ...judgeActivations(summary.activated, sanity),
    ...judgeOlderFile(open.files ?? [], last?.facts.modifiedAt, leaversBack),
    ...judgeGroupSpellings(summary.groupSpellings),
  ];
}
