import { OperatorError } from '../../model/errors.ts';
import type { PassEffects, PassToUndo } from '../../store/store.ts';

/**
 * The pass that is undone.
 *
 * @throws OperatorError if the journal does not have it, or not all that it did
 */
export async function requireUndoable(
  journal: Pick<PassEffects, 'passToUndo' | 'passNumbers'>,
  pass: number,
): Promise<PassToUndo> {
  const found = await journal.passToUndo(pass);
  const numbers = await journal.passNumbers();
  if (found?.isCut === true || (found === undefined && numbers !== undefined && pass < numbers.first))
    throw new OperatorError(
      'undo.passRemoved',
      `what pass ${pass} did is no longer in the journal: history.keepDays has removed it, so it cannot be undone`,
      4,
    );
  if (found?.isAction === false) return found;
  if (found !== undefined)
    throw new OperatorError(
      'undo.unknownPass',
      `${pass} is no pass, but the command "${found.command}", which sent nothing to a target`,
      4,
    );
  const known = numbers === undefined ? 'it has no pass yet' : `it has the passes ${numbers.first} to ${numbers.last}`;
  throw new OperatorError(
    'undo.unknownPass',
    `the journal has no pass ${pass}: ${known}, and "plan" leaves none. "scimsync passes" lists them`,
    4,
  );
}
