import { OperatorError } from '../model/errors.ts';

/** A request got no answer; the target may live all the same. */
export class NoResponseError extends Error {
  override readonly name = 'Lost';
}

/** We were told to stop. */
export class StoppedError extends Error {
  override readonly name = 'Stopped';
}

/** The probe cannot continue at this target. */
export class TargetUnusableError extends OperatorError {}

export function unreachable(detail: string): TargetUnusableError {
  return new TargetUnusableError('probe.unreachable', detail);
}

/** The target answered a create with an account that the probe did not create. */
export function foreignAccount(name: string, id: string): TargetUnusableError {
  return new TargetUnusableError(
    'probe.foreignAccount',
    `it answered the creation of ${name} with somebody else's account (${id}), which is left alone; nothing more is tried there`,
  );
}
