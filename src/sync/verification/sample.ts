import type { Random } from '../../model/clock.ts';
import type { VerificationLimits } from '../../model/evidence.ts';

/** Chooses the removals of one look that are read back. */
export interface RemovalSample {
  /** Whether the next removal is read. Called once for each, in their order. */
  isChosen(): boolean;
  /** Requests that were spent otherwise reduce the random part. */
  spend(requests: number): void;
}

type Limits = Pick<VerificationLimits, 'removals' | 'removalsShare'>;

/** The number of removals that a look reads: all up to a number, and then a share of the others. */
export const sampleSize = (count: number, { removals, removalsShare }: Limits): number =>
  Math.min(count, removals) + Math.floor(Math.max(0, count - removals) * removalsShare);

/**
 * Chooses the first removals up to a number, and then exactly a share of the others at random (selection sampling,
 * Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S): the number of requests is known beforehand.
 *
 * @param count number of removals
 */
export function createSample(count: number, limits: Limits, random: Random): RemovalSample {
  let index = 0;
  let wanted = sampleSize(count, limits) - Math.min(count, limits.removals);
  return {
    isChosen() {
      index += 1;
      if (index <= limits.removals) return true;
      const remaining = Math.max(1, count - index + 1);
      if (random() * remaining >= wanted) return false;
      wanted -= 1;
      return true;
    },
    spend(requests) {
      wanted = Math.max(0, wanted - requests);
    },
  };
}
