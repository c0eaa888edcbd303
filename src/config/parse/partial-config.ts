import type { Step } from '../issues.ts';

/**
 * A copy of a JSON value without what stands at the given paths, so that the rest can be looked at although something is wrong.
 * Undefined stands in the place of what was removed, so that elements of lists keep their index, and what is wrong is not missing as well;
 * it also stands for what is missing, so that it is not found to be missing a second time.
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

/** Whether nothing was taken out of a JSON value. */
export function isComplete(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.values(value).every(isComplete) : value !== undefined;
}
