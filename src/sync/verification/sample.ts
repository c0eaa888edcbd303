import type { Random } from '../../model/clock.ts';
import type { VerificationLimits } from '../../model/evidence.ts';

/** Whether the removal at this index, counted from 0, is read back: all up to a number, and then a random share. */
export function isSelected(
  index: number,
  { removals, removalsShare }: Pick<VerificationLimits, 'removals' | 'removalsShare'>,
  random: Random,
): boolean {
  return index < removals || random() < removalsShare;
}
