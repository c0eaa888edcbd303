import { InvariantError } from '../../model/errors.ts';

/** A value that a valid configuration always has. @throws InvariantError */
export function requireDefined<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError('a configuration is assembled only if it is valid');
  return value;
}
