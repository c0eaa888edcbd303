import { OperatorError } from '../model/errors.ts';

/** A request got no answer; the target may live all the same. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

/** We were told to stop. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Nothing more is to be tried there. */
export class TargetGone extends OperatorError {}
