import { OperatorError } from '../model/errors.ts';

/** No response to one request. The target may still work. */
export class NoResponseError extends Error {
  override readonly name = 'NoResponseError';
}

/** The operator stopped the probe. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** The probe cannot continue at this target. */
export class TargetUnusableError extends OperatorError {}

/** The target does not answer. */
export function unreachable(detail: string): TargetUnusableError {
  return new TargetUnusableError('probe.unreachable', detail);
}

/** The target answered a create with a resource that the probe did not create. */
export function foreignAccount(name: string, id: string): TargetUnusableError {
  return new TargetUnusableError(
    'probe.foreignAccount',
    `the create of ${name} was answered with a resource that the probe did not create (${id}); ` +
      'the probe did not change it and stops',
  );
}
