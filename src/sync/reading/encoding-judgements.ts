import type { Judgement } from '../../model/reading/judgement.ts';
import { isWrongEncoding, judgeEncoding } from '../../plan/reading/garbled-text.ts';
import type { OpenSource } from '../../source/source.ts';
import type { Reading, StagingSummary } from '../../store/store.ts';

/** A reading and the one before. */
export interface ReadingPair {
  readonly open: OpenSource;
  readonly last: Reading | undefined;
}

/** Judges whether the text of a reading is in another encoding. Reads a sample of it only if the message needs it. */
export async function encodingJudgements(
  { open, last }: ReadingPair,
  { garbled, undecodable }: StagingSummary,
  signal: AbortSignal,
): Promise<readonly Judgement[]> {
  const comparison = {
    garbled: garbled.records,
    nonAscii: garbled.nonAscii,
    undecodable: Math.max(0, undecodable - (last?.facts.undecodable ?? 0)),
    isFirst: last === undefined,
  };
  return isWrongEncoding(comparison) ? judgeEncoding(comparison, await open.fittingEncoding?.(signal)) : [];
}
