import { InvariantError } from '../../model/errors.ts';

/** What must be there once nothing in a configuration is wrong. */
export function requireDefined<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError('a configuration is put together only when nothing in it is wrong');
  return value;
}
