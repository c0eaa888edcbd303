import type { Json } from '../../model/resource.ts';
import type { Habit } from '../habit.ts';
import type { Rules } from '../rules.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** All of them, in the order of their numbers. */
export const catalogue: readonly Misbehaviour[] = [];

export function misbehaviourProblem(number: Json): string | undefined {
  const found = catalogue.find((each) => each.number === number);
  if (found === undefined) return `There is no misbehaviour ${JSON.stringify(number)}.`;
  return 'cannot' in found ? `Misbehaviour ${found.number} cannot be played: ${found.cannot}` : undefined;
}

/** What is played now. */
export interface InForce {
  readonly numbers: readonly number[];
  readonly habits: readonly Habit[];
  readonly rules: Rules;
}

/**
 * Misbehaviours around what the profile says: they hear a request first and have the last word in its answer.
 * @throws RangeError for a number that cannot be played
 */
export function playMisbehaviours(numbers: readonly number[], words: readonly Habit[], rules: Rules): InForce {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const played = sorted.map((number) => {
    const found = catalogue.find((each) => each.number === number);
    if (found === undefined || 'cannot' in found) throw new RangeError(misbehaviourProblem(number));
    return found.play();
  });
  return { numbers: sorted, habits: [...played, ...words], rules: Object.assign({}, rules, ...played.map((habit) => habit.rules ?? {})) as Rules };
}
