import { quotedName } from '../../model/reading/header-name.ts';
import type { Judgement } from '../../model/reading/judgement.ts';

/** Reports groups whose name has several spellings in the source. */
export function judgeGroupSpellings(
  groups: readonly { readonly group: string; readonly spellings: readonly string[] }[],
): readonly Judgement[] {
  return groups.map(({ group, spellings }) => ({
    code: 'source.groupSpellings',
    subject: group,
    numbers: { spellings: spellings.length },
    reason: `the group names ${spellings.map(quotedName).join(', ')} are one group, ${quotedName(group)}`,
    refused: false,
  }));
}

/**
 * What is reported about the mirror after a reading. A reading that parsed only changed rows does not show again what
 * earlier rows showed.
 */
export function reportedJudgements(
  before: readonly Judgement[],
  now: readonly Judgement[],
  isPartial: boolean,
): readonly Judgement[] {
  const reported = now.filter(({ refused }) => !refused);
  const earlier = isPartial ? before.filter(({ code }) => code === 'source.groupSpellings') : [];
  const isRepeated = (one: Judgement): boolean =>
    reported.some(({ code, subject }) => code === one.code && subject === one.subject);
  return [...earlier.filter((one) => !isRepeated(one)), ...reported];
}
