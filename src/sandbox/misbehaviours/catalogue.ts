import type { Json } from '../../model/resource.ts';
import type { Habit } from '../application.ts';
import type { Rules } from '../rules.ts';
import { accounts } from './accounts.ts';
import { filters } from './filters.ts';
import { groups } from './groups.ts';
import { lists } from './lists.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { transport } from './transport.ts';
import { values } from './values.ts';
import { writes } from './writes.ts';

/** All of them, in the order of their numbers. */
export const catalogue: readonly Misbehaviour[] = [
  ...filters,
  ...lists,
  ...writes,
  ...values,
  ...accounts,
  ...groups,
  ...transport,
].sort((a, b) => a.number - b.number);

/** Why this number cannot be played; undefined where it can. */
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
  return {
    numbers: sorted,
    habits: [...played, ...words],
    rules: Object.assign({}, rules, ...played.map((habit) => habit.rules ?? {})) as Rules,
  };
}
