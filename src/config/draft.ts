import type { Step } from './issues.ts';

/**
 * A copy of a JSON value without what stands at the given paths, so that the rest can be looked at although something is wrong.
 * Undefined stands in the place of what was removed, so that elements of lists keep their index, and what is wrong is not missing as well;
 * it also stands for what is missing, so that it is not found to be missing a second time.
 */
export function without(value: unknown, removed: readonly (readonly Step[])[]): unknown {
  if (removed.some((path) => path.length === 0)) return undefined;
  if (removed.length === 0 || typeof value !== 'object' || value === null) return value;
  const inside = (step: Step): readonly (readonly Step[])[] =>
    removed.filter(([first]) => first === step).map(([, ...rest]) => rest);
  if (Array.isArray(value)) return value.map((element: unknown, index) => without(element, inside(index)));
  const missing = removed.flatMap(([first, ...rest]) =>
    first === undefined || rest.length > 0 || Object.hasOwn(value, first) ? [] : [[first, undefined] as const],
  );
  return Object.fromEntries([
    ...Object.entries(value).map(([name, part]) => [name, without(part, inside(name))] as const),
    ...missing,
  ]);
}

/** Whether nothing was taken out of a JSON value. */
export function isWhole(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.values(value).every(isWhole) : value !== undefined;
}
