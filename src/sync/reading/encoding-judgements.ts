import type { Judgement } from '../../model/reading/judgement.ts';
import { isWrongEncoding, judgeEncoding } from '../../plan/reading/garbled-text.ts';
import type { OpenSource } from '../../source/source.ts';
import type { Answers } from './commit-readings.ts';
import type { Reading, StagingSummary, StateView } from '../../store/store.ts';

/** Names of this number of records are enough to recognise an encoding. */
const maxKnownRecords = 5000;

/** A reading and the one before. */
export interface ReadingPair {
  readonly deps: { readonly store: Pick<StateView, 'mirror'> };
  readonly open: OpenSource;
  readonly last: Reading | undefined;
}

/** Judges whether the text of a reading is in another encoding. Reads a sample of it only if the message needs it. */
export async function encodingJudgements(
  { open, last, deps: { store } }: ReadingPair,
  { garbled, undecodable }: StagingSummary,
  answers: Answers,
  signal: AbortSignal,
): Promise<readonly Judgement[]> {
  const comparison = {
    garbled: garbled.records,
    nonAscii: garbled.nonAscii,
    undecodable: Math.max(0, undecodable - (last?.facts.undecodable ?? 0)),
    isFirst: last === undefined,
  };
  if (!isWrongEncoding(comparison)) return [];
  const known = await store.mirror.valuesBeyondAscii(maxKnownRecords);
  const fitting = await answers.of('encoding', async () => open.fittingEncoding?.(known, signal));
  return judgeEncoding(comparison, fitting);
}
