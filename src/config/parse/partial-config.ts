import type { Step } from '../issues.ts';

/**
 * A copy of a JSON value without the values at the given paths, so that the rules can check the rest of an invalid
 * file.
 *
 * Undefined replaces a removed value: elements of lists keep their index, and an invalid value is not reported as
 * missing too. Undefined also marks a missing value, so that it is not reported twice.
 */
export function withoutPaths(value: unknown, paths: readonly (readonly Step[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return undefined;
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  const pathsBelow = (step: Step): readonly (readonly Step[])[] =>
    paths.filter(([first]) => first === step).map(([, ...rest]) => rest);
  if (Array.isArray(value)) return value.map((element: unknown, index) => withoutPaths(element, pathsBelow(index)));
  const missing = paths.flatMap(([first, ...rest]) =>
    first === undefined || rest.length > 0 || Object.hasOwn(value, first) ? [] : [[first, undefined] as const],
  );
  return Object.fromEntries([
    ...Object.entries(value).map(([name, part]) => [name, withoutPaths(part, pathsBelow(name))] as const),
    ...missing,
  ]);
}

/** Whether `withoutPaths` removed nothing from a JSON value. */
export function isComplete(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.values(value).every(isComplete) : value !== undefined;
}
