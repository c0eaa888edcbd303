import { OperatorError } from '../model/errors.ts';

/** A request got no answer; the target may live all the same. */
export class NoResponseError extends Error {
  override readonly name = 'Lost';
}

/** We were told to stop. */
export class StoppedError extends Error {
  override readonly name = 'Stopped';
}

/** Nothing more is to be tried there. */
export class TargetUnusableError extends OperatorError {}
