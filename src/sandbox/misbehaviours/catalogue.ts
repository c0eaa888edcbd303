import type { Json } from '../../model/resource.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import type { ServerOptions } from '../server-options.ts';
import { accountStates } from './account-states.ts';
import { accounts } from './accounts.ts';
import { falseAnswers } from './false-answers.ts';
import { filters } from './filters.ts';
import { gateways } from './gateways.ts';
import { groups } from './groups.ts';
import { lists } from './lists.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { partialUpdates } from './partial-updates.ts';
import { transport } from './transport.ts';
import { values } from './values.ts';
import { writes } from './writes.ts';

/** All misbehaviours, ordered by number. */
export const catalogue: readonly Misbehaviour[] = [
  ...filters,
  ...lists,
  ...writes,
  ...values,
  ...accounts,
  ...groups,
  ...transport,
  ...gateways,
  ...falseAnswers,
  ...partialUpdates,
  ...accountStates,
].sort((a, b) => a.number - b.number);

/** Why a misbehaviour cannot be played. @returns undefined if it can */
export function misbehaviourProblem(number: Json): string | undefined {
  const misbehaviour = catalogue.find((each) => each.number === number);
  if (misbehaviour === undefined) return `There is no misbehaviour ${JSON.stringify(number)}.`;
  return 'cannot' in misbehaviour
    ? `Misbehaviour ${misbehaviour.number} cannot be played: ${misbehaviour.cannot}`
    : undefined;
}

/** The active behaviours, with the server options that result from them. */
export interface ActiveBehaviours {
  readonly numbers: readonly number[];
  readonly behaviours: readonly Behaviour[];
  readonly options: ServerOptions;
}

/**
 * Puts misbehaviours around the profile's behaviours: they transform a request first and its response last.
 * @throws RangeError for a number that cannot be played
 */
export function activateMisbehaviours(
  numbers: readonly number[],
  profileBehaviours: readonly Behaviour[],
  options: ServerOptions,
): ActiveBehaviours {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const misbehaviours = sorted.map((number) => {
    const misbehaviour = catalogue.find((each) => each.number === number);
    if (misbehaviour === undefined || 'cannot' in misbehaviour) throw new RangeError(misbehaviourProblem(number));
    return misbehaviour.create();
  });
  return {
    numbers: sorted,
    behaviours: [...misbehaviours, ...profileBehaviours],
    options: Object.assign({}, options, ...misbehaviours.map((behaviour) => behaviour.options ?? {})) as ServerOptions,
  };
}
