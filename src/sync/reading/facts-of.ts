import type { Judgement, ReadingFacts } from '../../model/reading/judgement.ts';
import { mergePositions } from '../../model/reading/source-position.ts';
import { reportedJudgements } from '../../plan/reading/group-spellings.ts';
import type { OpenSource, SourceReading } from '../../source/source.ts';
import type { Reading, StagingSummary } from '../../store/store.ts';
import type { SourceSpec } from '../context.ts';

/** What facts are made from. */
export interface FactsInput {
  readonly open: Pick<OpenSource, 'detectedDirectory' | 'position' | 'files'>;
  readonly last: Reading | undefined;
  readonly spec: Pick<SourceSpec, 'identity' | 'keyForm'>;
  /** Whether every row was parsed, and not only the changed ones. */
  readonly parseAll: boolean;
}

/** What the mirror remembers of this reading besides its records. */
export function factsOf(
  { open, last, spec, parseAll }: FactsInput,
  { extent }: Pick<SourceReading, 'extent'>,
  { undecodable, chooseAgainAt }: Pick<StagingSummary, 'undecodable' | 'chooseAgainAt'>,
  judgements: readonly Judgement[],
): ReadingFacts {
  return {
    ...(extent === 'incremental' ? last?.facts : {}),
    ...(open.detectedDirectory === undefined ? {} : { directory: open.detectedDirectory }),
    source: spec.identity ?? last?.facts.source,
    ...(spec.keyForm === undefined || spec.keyForm.length === 0 ? {} : { keyForm: spec.keyForm }),
    position: mergePositions(last?.facts.position, open.position),
    lineEnds: Object.fromEntries((open.files ?? []).map((file) => [file.part, file.endsWithLineBreak])),
    references: last?.facts.references,
    modifiedAt: Object.fromEntries((open.files ?? []).map((file) => [file.part, file.modifiedAt])),
    ...(extent === 'incremental' ? {} : { undecodable, chooseAgainAt }),
    judgements: reportedJudgements(last?.facts.judgements ?? [], judgements, !parseAll),
  };
}
