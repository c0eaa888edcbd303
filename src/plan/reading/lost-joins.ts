import type { Judgement } from '../../model/reading/judgement.ts';
import { percent, type AmountLimits } from './amounts.ts';

/**
 * Refuses a reading after which many users have no record in a joined source any more. The number of its records may be
 * the same: the values by which they are joined have another form, or another column has these values.
 *
 * @param losses users who had a record, and of them those who have none now; undefined: the settings of the join
 *   changed, so other users may have records
 */
export function judgeLostJoins(
  losses: { readonly before: number; readonly lost: number } | undefined,
  { maxShrink, floor }: Pick<AmountLimits, 'maxShrink' | 'floor'>,
): readonly Judgement[] {
  if (losses === undefined) return [];
  const { before, lost } = losses;
  if (lost <= floor || lost <= maxShrink * before) return [];
  return [
    {
      code: 'source.joinsLost',
      subject: 'users',
      numbers: { lost, before },
      reason:
        `${lost} of the ${before} users who had a record in this source have none now: ${percent(lost, before)}, ` +
        `the limit is ${percent(maxShrink, 1)}. Compare the values of join.on and join.equals in both sources`,
      refused: true,
    },
  ];
}
